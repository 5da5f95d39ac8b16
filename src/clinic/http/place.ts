import { invalid } from './zod.pipe.js';

/** A place in a list whose rows come by (at, id), so that inserts before it move nothing (keyset pages). */
export interface Place {
  readonly at: Date;
  readonly id: number;
}

/** Opaque to clients. */
export function formatPlace({ at, id }: Place): string {
  return Buffer.from(`${at.getTime()}.${id}`).toString('base64url');
}

/** @param text undefined and `earliest` are the start of the list @throws {Refusal} invalid_request */
export function parsePlace(text: string | undefined): Place | undefined {
  if (text === undefined || text === 'earliest') return undefined;
  const decoded = Buffer.from(text, 'base64url').toString();
  const [, at, id] = /^(-?\d{1,15})\.(\d{1,15})$/.exec(decoded) ?? [];
  if (at === undefined || id === undefined)
    throw invalid([{ path: 'after', message: 'must be the `next` of a page, or earliest' }]);
  return { at: new Date(Number(at)), id: Number(id) };
}
