/** What a field says that names a position: where its client was when it was cut, or where somebody wants to begin. */
export type PositionKind = 'last-event-id' | 'since';

/**
 * What a header or a parameter of this name says, in every form that clients write it: `Last-Event-ID` in any case,
 * `lastEventId` (event-source-polyfill, reconnecting-eventsource), `evs_last_event_id` (eventsource-polyfill),
 * `since`, and the names that a position has in the REST API. Undefined: it names none.
 */
export function positionKindOf(name: string): PositionKind | undefined {
  return kinds.get(name.toLowerCase().replaceAll(/\[.*\]$|^x-|[-_\s]/g, ''));
}

/** Whether this is a cursor under whatever name: the epochs that a store here makes have eight characters. */
export function isSurelyPosition(value: string): boolean {
  return /^[\w-]{8}:\d{1,16}$/.test(value.trim());
}

const kinds: ReadonlyMap<string, PositionKind> = new Map([
  ['lasteventid', 'last-event-id'],
  ['evslasteventid', 'last-event-id'],
  ['since', 'since'],
  ['after', 'since'],
  ['cursor', 'since'],
]);
