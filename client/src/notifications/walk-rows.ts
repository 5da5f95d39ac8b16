import type { KeyboardEvent } from 'react';

/** j and k lead down and up the rows, as in mail programs; from anywhere else to the first one. */
export function walkRows(event: KeyboardEvent<HTMLElement>): void {
  const step = { j: 1, k: -1 }[event.key];
  if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const rows = [...event.currentTarget.querySelectorAll('li')];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[at === -1 ? 0 : at + step];
  (row?.querySelector('button') ?? row)?.focus();
}
