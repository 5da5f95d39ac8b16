import type { ReactNode } from 'react';

/** A refusal, said where the user looks and read out at once. Mounted empty, so that it is heard. */
export function FormAlert({ children }: { readonly children: ReactNode }) {
  return (
    <div role="alert" className="form-alert-region">
      {children !== null && children !== '' && <p className="form-alert">{children}</p>}
    </div>
  );
}
