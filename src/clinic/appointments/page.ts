import { invalid } from '../http/zod.pipe.js';
import type { AppointmentRow } from './appointment.entity.js';

/** A place in the list: rows come by (startsAt, id), so inserts before it move nothing (keyset pages). */
export type PagePosition = Pick<AppointmentRow, 'startsAt' | 'id'>;

/** Opaque to clients. */
export function formatPlace({ startsAt, id }: PagePosition): string {
  return Buffer.from(`${startsAt.getTime()}.${id}`).toString('base64url');
}

/** @param text undefined and `earliest` are the start of the list @throws {Refusal} invalid_request */
export function parsePlace(text: string | undefined): PagePosition | undefined {
  if (text === undefined || text === 'earliest') return undefined;
  const decoded = Buffer.from(text, 'base64url').toString();
  const [, startsAt, id] = /^(-?\d{1,15})\.(\d{1,15})$/.exec(decoded) ?? [];
  if (startsAt === undefined || id === undefined)
    throw invalid([{ path: 'after', message: 'must be the `next` of a page, or earliest' }]);
  return { startsAt: new Date(Number(startsAt)), id: Number(id) };
}
