import { z } from 'zod';
import { Zone } from '../appointments/zone.js';
import { languages } from '../words/language.js';
import { alertKinds } from './alert-kinds.js';

const maxOffsets = 5;
const maxOffsetMinutes = 30 * 24 * 60;

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM, from 00:00 to 23:59');

const zone = z.string().max(64).refine(isZone, 'must be an IANA time zone, such as Europe/Berlin');

/** The shape of quiet hours; they may go over midnight. */
export const quietHoursSchema = z
  .object({ from: time, to: time, zone })
  .refine(({ from, to }) => from !== to, { path: ['to'], message: 'must differ from the beginning' });

/** The shape of reminder offsets: minutes before the start. */
export const reminderOffsetsSchema = z.array(z.int().min(5).max(maxOffsetMinutes)).max(maxOffsets);

/** Some of the preferences; what is left out stays. */
export const preferencesChangeSchema = z.object({
  kinds: z
    .partialRecord(
      z.enum(alertKinds),
      z.object({
        inApp: z.boolean().optional(),
        push: z.boolean().optional(),
        email: z.boolean().optional(),
        sms: z.boolean().optional(),
      }),
    )
    .optional(),
  reminderOffsets: reminderOffsetsSchema
    .transform((offsets) => [...new Set(offsets)].toSorted((a, b) => b - a))
    .optional(),
  quietHours: quietHoursSchema.nullable().optional(),
  language: z.enum(languages).nullable().optional(),
  noticeDetail: z.enum(['minimal', 'full']).optional(),
  sound: z.boolean().optional(),
  keys: z.boolean().optional(),
});

/** A change of preferences as it was read. */
export type PreferencesChange = z.infer<typeof preferencesChangeSchema>;

/** Offsets, such as +01:00, are zones to `Intl`, but don't know of summer. */
function isZone(name: string): boolean {
  try {
    return /^[A-Za-z]/.test(name) && new Zone(name).name !== '';
  } catch {
    // RangeError is how Intl says that it doesn't know the zone.
    return false;
  }
}
