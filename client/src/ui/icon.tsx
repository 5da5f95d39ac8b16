const paths = {
  absent:
    'M10 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM3 20c.6-3.6 3.3-5.5 7-5.5 1.2 0 2.3.2 3.2.6M16 15l5 5M21 15l-5 5',
  archive: 'M4 5h16v4H4zM5.5 9v10h13V9M10 13h4',
  arrowLeft: 'M15 5l-7 7 7 7',
  arrowRight: 'M9 5l7 7-7 7',
  bell: 'M6 17h12l-1.3-2.4V10a4.7 4.7 0 0 0-9.4 0v4.6ZM12 5.3V3.5M10.2 20a2 2 0 0 0 3.6 0',
  calendar: 'M4.5 6h15v13.5h-15zM4.5 10.5h15M8.5 3.5V8M15.5 3.5V8',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  chevron: 'M6 9.5l6 6 6-6',
  clipboard: 'M8 5H6v15h12V5h-2M9 3.5h6v3.5H9zM9 13l2.2 2.2L15.2 11',
  clock: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 7.5V12l3 2',
  copy: 'M9 9h10.5v11H9zM15 9V4H4.5v11H9',
  cross: 'M6 6l12 12M18 6L6 18',
  door: 'M6.5 20.5v-17h11v17M4 20.5h16M14 12v1',
  megaphone: 'M4 10v4h3l8 4.5v-13L7 10ZM18 9.5a4 4 0 0 1 0 5M8 14.5l1 5h2.5l-1-3.5',
  monitor: 'M3.5 5h17v11h-17zM9 20h6M12 16v4',
  moon: 'M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10Z',
  more: 'M5.5 11.5v1M12 11.5v1M18.5 11.5v1',
  move: 'M4 8h13M13 4l4 4-4 4M20 16H7M11 12l-4 4 4 4',
  offline:
    'M4 4l16 16M8.5 16a5 5 0 0 1 5-1.3M5 12.5A10 10 0 0 1 9 10M12.5 9.1a10 10 0 0 1 6.5 3.4M12 19.5h.01',
  pencil: 'M4.5 19.5l1-4.5L16 4.5l3.5 3.5L9 18.5ZM13.5 7l3.5 3.5',
  plus: 'M12 5v14M5 12h14',
  printer: 'M7 9V4h10v5M7 17H4.5V9.5h15V17H17M7 14h10v6H7Z',
  refresh: 'M19.5 12a7.5 7.5 0 1 1-2.3-5.4M19.5 4v4.5H15',
  signOut: 'M13.5 4.5h-8v15h8M10.5 12h10M17 8.5l3.5 3.5-3.5 3.5',
  speech: 'M4 5h16v11h-9l-4.5 4v-4H4Z',
  stethoscope:
    'M6 4H4.5v5a4.5 4.5 0 0 0 9 0V4H12M9 13.5V16a4.5 4.5 0 0 0 9 0v-2M18 14a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2.5V5M12 19v2.5M2.5 12H5M19 12h2.5M5.3 5.3l1.8 1.8M16.9 16.9l1.8 1.8M18.7 5.3l-1.8 1.8M7.1 16.9l-1.8 1.8',
  user: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM4.5 20.5c.7-4 3.6-6 7.5-6s6.8 2 7.5 6',
  waves: 'M12 18.5h.01M8.5 15a5 5 0 0 1 7 0M5.2 11.5a9.7 9.7 0 0 1 13.6 0',
} as const;

export type IconName = keyof typeof paths;

/** Decoration: whatever it stands for is also said in words beside it, or in its button's name. */
export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
