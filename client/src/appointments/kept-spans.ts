import type { Span } from '../api/appointments.js';
import type { Appointment } from '../api/types.js';

/** A span of the calendar as it was when it was last asked for. */
export interface KeptSpan {
  readonly span: Span;
  readonly rows: readonly Appointment[];
  /** How long before what was kept last, in ms. */
  readonly olderByMs: number;
}

/** Somebody looks back at a day or a week, not at all of them. */
const maxSpans = 8;
/** Of one span: the latest, which are those to come. */
const maxRows = 300;

/** Adds a span that was just asked for, or asked for again. @param sinceMs since the last one was */
export function withSpan(
  spans: readonly KeptSpan[],
  span: Span,
  rows: readonly Appointment[],
  sinceMs: number,
): readonly KeptSpan[] {
  const others = spans
    .filter((one) => !isSame(one.span, span))
    .map((one) => ({ ...one, olderByMs: one.olderByMs + sinceMs }));
  const latest = rows.toSorted((a, b) => Date.parse(b.startsAt) - Date.parse(a.startsAt)).slice(0, maxRows);
  return [{ span, rows: latest, olderByMs: 0 }, ...others].slice(0, maxSpans);
}

/** The one that holds all of that span. */
export function holding(spans: readonly KeptSpan[], span: Span): KeptSpan | undefined {
  return spans.find(
    (one) =>
      startOf(one.span) <= startOf(span) && endOf(one.span) >= endOf(span) && one.rows.length < maxRows,
  );
}

/** Whether an appointment lies in it. */
export function isIn({ startsAt }: Pick<Appointment, 'startsAt'>, span: Span): boolean {
  return startOf(span) <= Date.parse(startsAt) && Date.parse(startsAt) < endOf(span);
}

/** Whether two are the same. */
export function isSame(one: Span, other: Span): boolean {
  return one.from === other.from && one.to === other.to;
}

function startOf({ from }: Span): number {
  return from === undefined ? -Infinity : Date.parse(from);
}

function endOf({ to }: Span): number {
  return to === undefined ? Infinity : Date.parse(to);
}
