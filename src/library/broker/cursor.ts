/** A position in one log: everything up to and including `seq` was had. */
export interface Cursor {
  readonly epoch: string;
  readonly seq: number;
}

/** `epoch:seq`; opaque to clients, the same on every transport. */
export function cursorOf({ epoch, seq }: Cursor): string {
  return `${epoch}:${seq}`;
}

/** Only what `cursorOf` can have written; undefined for everything else. */
export function parseCursor(text: string): Cursor | undefined {
  const match = /^([A-Za-z0-9_-]{1,16}):(0|[1-9][0-9]{0,15})$/.exec(text);
  if (!match?.[1] || !match[2]) return undefined;
  const seq = Number(match[2]);
  return Number.isSafeInteger(seq) ? { epoch: match[1], seq } : undefined;
}
