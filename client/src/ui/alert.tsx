import { useEffect, useRef } from 'react';

/** A refusal, said where the user looks and read out at once. Mounted empty, so that it is heard. */
export function FormAlert({ children }: { readonly children: string }) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // On a small screen what was clicked, and the place beside it, may be out of sight by now.
    if (children !== '') ref.current?.scrollIntoView({ block: 'nearest' });
  }, [children]);
  return (
    <div ref={ref} role="alert" className="form-alert-region">
      {children !== '' && <p className="form-alert">{children}</p>}
    </div>
  );
}
