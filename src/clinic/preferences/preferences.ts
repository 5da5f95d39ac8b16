import { z } from 'zod';
import type { SignedIn } from '../auth/signed-in.js';
import { languages } from '../words/language.js';
import { alertKinds, type AlertKind, type Channel } from './alert-kinds.js';
import { quietHoursSchema, reminderOffsetsSchema } from './schemas.js';

const switches = z.object({
  inApp: z.boolean().describe('Toast and sound; the list of notifications has it anyway'),
  push: z.boolean(),
  email: z.boolean(),
  sms: z.boolean(),
} satisfies Record<Channel, z.ZodBoolean>);

type Role = SignedIn['role'];

/** What a person wants to hear, and where. */
export const preferencesSchema = z.object({
  kinds: z.record(z.enum(alertKinds), switches).describe('Of each kind, on which channels'),
  reminderOffsets: reminderOffsetsSchema.describe('Minutes before the start, the earliest reminder first'),
  quietHours: quietHoursSchema
    .nullable()
    .describe('Push, e-mail and SMS wait until they are over, unless it is critical'),
  noticeDetail: z
    .enum(['minimal', 'full'])
    .describe('What is shown outside the page: that there is something, or the message itself'),
  sound: z.boolean(),
  language: z
    .enum(languages)
    .nullable()
    .describe(
      'What they are told things in, and the page speaks; null: as the browser, and English elsewhere',
    ),
  keys: z.boolean().describe('Whether single keys work in the list of notifications'),
});

/** What a person wants to hear, and where. */
export type Preferences = z.infer<typeof preferencesSchema>;

const mailed: ReadonlySet<AlertKind> = new Set([
  'appointment.rescheduled',
  'appointment.cancelled',
  'appointment.reminder',
]);

/**
 * Of those who have changed nothing: reminders and what moves an appointment come by e-mail too. People who work in
 * the clinic look at their day anyway, and are reminded only if they ask for it.
 */
export function defaultPreferences(role: Role): Preferences {
  return role === 'patient' ? ofPatients : { ...ofPatients, reminderOffsets: [] };
}

const ofPatients: Preferences = {
  kinds: Object.fromEntries(alertKinds.map((kind) => [kind, switchesOf(kind)])) as Preferences['kinds'],
  reminderOffsets: [24 * 60, 2 * 60],
  quietHours: null,
  noticeDetail: 'minimal',
  sound: true,
  language: null,
  keys: true,
};

function switchesOf(kind: AlertKind): Record<Channel, boolean> {
  return { inApp: true, push: true, email: mailed.has(kind), sms: false };
}
