/** A place in a log: what has another epoch can't be compared. */
export interface Position {
  readonly epoch: string;
  readonly seq: number;
}

/** Reads a cursor, `epoch:seq`; undefined for what is none. */
export function positionOf(cursor: string | undefined): Position | undefined {
  const [, epoch, digits] = /^(.*):(\d+)$/.exec(cursor ?? '') ?? [];
  return epoch === undefined ? undefined : { epoch, seq: Number(digits) };
}

/** Whether who stands at `position` has had what lies at `other`. */
export function hasHad(position: Position | undefined, other: Position | undefined): boolean {
  if (!position || !other) return false;
  return position.epoch === other.epoch && other.seq <= position.seq;
}

/** Up to where what comes next was missed, as a verdict says; undefined: it is gone, and nothing comes. */
export function endOfMissed(verdict: unknown): Position | undefined {
  const { verdict: word, to } = Object(verdict) as { readonly verdict?: unknown; readonly to?: unknown };
  return word === 'complete' && typeof to === 'string' ? positionOf(to) : undefined;
}
