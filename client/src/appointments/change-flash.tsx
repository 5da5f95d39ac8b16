import type { Change } from './calendar.js';

/** A short glow over the row that changed. The key makes a second change glow anew. */
export function ChangeFlash({ change }: { readonly change: Change | undefined }) {
  return change ? <span key={change.at} className="flash" aria-hidden="true" /> : null;
}

export function ChangeNote({ change }: { readonly change: Change | undefined }) {
  return change ? <span className="change-note">{change.note}</span> : null;
}
