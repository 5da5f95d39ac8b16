import type { IncomingMessage } from 'node:http';
import { isSurelyPosition, positionKindOf, type PositionKind } from '../broker/position-name.js';

type Field = readonly [name: string, value: string];

/**
 * The position that a request for a stream names, in whatever form. `Last-Event-ID` wins: a client adds it when it comes
 * back. Then what clients add to the URL in its place, `lastEventId`; then what the page wrote there, `since`, or in a
 * header, as SUBSCRIBE has it; then a cursor by a name that nobody here knows. Of one name given twice the last says more
 * than nothing, since clients append. An empty one alone is a position too, and none that can be served: who names one
 * gets a verdict.
 * @returns undefined where none is named
 */
export function namedPosition({ headersDistinct, url = '' }: IncomingMessage): string | undefined {
  const headers = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): Field => [name, value]),
  );
  const query = url.includes('?') ? [...new URLSearchParams(url.slice(url.indexOf('?')))] : [];

  const named = [
    valuesOf(headers, 'last-event-id'),
    valuesOf(query, 'last-event-id'),
    valuesOf(query, 'since'),
    valuesOf(headers, 'since'),
    query.map(([, value]) => value).filter(isSurelyPosition),
  ];
  for (const values of named) {
    const last = values.filter((value) => value.trim() !== '').at(-1);
    if (last !== undefined) return last.trim();
  }
  return named.flat().at(0);
}

function valuesOf(fields: readonly Field[], kind: PositionKind): string[] {
  return fields.filter(([name]) => positionKindOf(name) === kind).map(([, value]) => value);
}
