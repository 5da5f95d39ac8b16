import type { IncomingMessage } from 'node:http';
import { positionKindOf, type PositionKind } from '../broker/position-name.js';

/**
 * The position that a request for a stream names, in whatever form. The header wins: a client adds it when it comes
 * back. Then what clients add to the URL in its place, `lastEventId`; then what the page wrote there, `since`. Of one
 * name given twice the last says more than nothing, since clients append. An empty one alone is a position too, and none
 * that can be served: who names one gets a verdict.
 * @returns undefined where none is named
 */
export function namedPosition({ headersDistinct, url = '' }: IncomingMessage): string | undefined {
  const headers = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    positionKindOf(name) === 'last-event-id' ? values : [],
  );
  const query = url.includes('?') ? [...new URLSearchParams(url.slice(url.indexOf('?')))] : [];
  const parametersOf = (kind: PositionKind) =>
    query.filter(([name]) => positionKindOf(name) === kind).map(([, value]) => value);

  const named = [headers, parametersOf('last-event-id'), parametersOf('since')];
  for (const values of named) {
    const last = values.filter((value) => value.trim() !== '').at(-1);
    if (last !== undefined) return last.trim();
  }
  return named.flat().at(0);
}
