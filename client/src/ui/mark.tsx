/** Two bells on a beam. */
export function Mark({ size = 32 }: { readonly size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true" className="mark">
      <rect width="32" height="32" rx="9" className="mark__field" />
      <path d="M6 7.5h20" className="mark__beam" />
      <path
        d="M12.5 8v2.2c-2.9.6-4.6 2.9-4.9 6.1l-.4 4.2-1.2 2.2h13l-1.2-2.2-.4-4.2c-.3-3.2-2-5.5-4.9-6.1"
        className="mark__bell"
      />
      <circle cx="12.5" cy="25" r="1.9" className="mark__bell" />
      <path
        d="M22.8 8v1.5c-1.7.4-2.7 1.8-2.9 3.7l-.2 2.3-.8 1.3h7.8l-.8-1.3-.2-2.3c-.2-1.9-1.2-3.3-2.9-3.7"
        className="mark__small"
      />
      <circle cx="22.8" cy="18.7" r="1.3" className="mark__small" />
    </svg>
  );
}
