import { z } from 'zod';
import { maxPatientMessageLength, maxReasonLength } from '../text-lengths.js';
import { idSchema, pathIdSchema } from '../http/id.js';
import { cellMinutes, cellMs } from './cell-length.js';
import { reminderStates } from './reminder.js';
import { statuses } from './status.js';
import { weekSchema } from './week.js';

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** On the quarter of an hour, since a doctor's time is handed out in cells. */
const start = instant.refine((at) => at.getTime() % cellMs === 0, 'must be on a quarter of an hour');

const durationMinutes = z
  .int()
  .min(cellMinutes)
  .max(24 * 60)
  .multipleOf(cellMinutes);

/** Its column can't hold NUL on PostgreSQL. An empty one says nothing. */
const reason = z
  .string()
  .trim()
  .max(maxReasonLength)
  .regex(/^[^\0]*$/, 'may not contain NUL')
  .transform((text) => text || null);

/** Whether a patient is meant to have two appointments at one time. */
const confirm = z.boolean().optional();

/** The body of a booking. */
export const bookingSchema = z.object({
  doctorId: idSchema,
  patientId: idSchema.optional(),
  startsAt: start,
  durationMinutes: durationMinutes.default(30),
  reason: reason.nullable().default(null),
  confirm,
});

/** The body of a change of time, length or reason. */
export const changeSchema = z.object({
  startsAt: start.optional(),
  durationMinutes: durationMinutes.optional(),
  reason: reason.nullable().optional(),
});

/** A PATCH: what changes, and whether it is meant. */
export const confirmedChangeSchema = changeSchema.extend({ confirm });

const undoMs = z
  .int()
  .min(0)
  .max(60_000)
  .default(0)
  .describe('It is made, and told, so much later, and can be taken back until then; 0: at once');

/** The body of a change of status. */
export const statusSchema = z.object({ status: z.enum(statuses), undoMs });

/** A cancellation without a word may come without a body. */
export const cancellationSchema = z
  .object({ reason: reason.nullable().default(null), undoMs })
  .default({ reason: null, undoMs: 0 });

/** The query of a list of appointments. */
export const listSchema = z.object({
  from: instant.optional(),
  to: instant.optional(),
  /** One, or several with commas. */
  status: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(statuses)).max(statuses.length))
    .optional(),
  after: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).default(50),
});

/** The query of a list of reminders. */
export const remindersSchema = z.object({
  state: z.enum(reminderStates).default('planned'),
  recipientId: pathIdSchema.optional(),
  after: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).default(50),
});

/** A query of a list of reminders, read. */
export type RemindersQuery = z.infer<typeof remindersSchema>;

/** A part of a name or of an e-mail address; one letter would be everybody. */
export const patientSearchSchema = z.object({
  search: z
    .string()
    .trim()
    .min(2)
    .max(100)
    .regex(/^[^\0]*$/, 'may not contain NUL'),
});

/** The body of a word to a patient. */
export const patientMessageSchema = z.object({
  message: z
    .string()
    .trim()
    .min(1)
    .max(maxPatientMessageLength)
    .regex(/^[^\0]*$/, 'may not contain NUL'),
});

/** In the clinic's zone. */
export const daySchema = z.object({
  date: z.iso.date().transform((text) => {
    const [year, month, day] = text.split('-').map(Number) as [number, number, number];
    return { year, month, day };
  }),
});

/** A doctor's week, as a whole. */
export const workingHoursSchema = z.object({ items: weekSchema });

/** A time to be blocked. */
export const timeOffSchema = z
  .object({ startsAt: start, endsAt: start, note: reason.nullable().default(null) })
  .refine(({ startsAt, endsAt }) => startsAt < endsAt, {
    path: ['endsAt'],
    message: 'must be later than `startsAt`',
  });

/** Without them, what isn't over. */
export const timesOffSchema = z.object({ from: instant.optional(), to: instant.optional() });

/** A booking as it was read. */
export type Booking = z.infer<typeof bookingSchema>;
/** A change of time, length or reason as it was read. */
export type AppointmentChange = z.infer<typeof changeSchema>;
/** A PATCH as it was read. */
export type ConfirmedChange = z.infer<typeof confirmedChangeSchema>;
/** A search for patients as it was read. */
export type PatientSearch = z.infer<typeof patientSearchSchema>;
/** A word to a patient as it was read. */
export type PatientMessage = z.infer<typeof patientMessageSchema>;
/** A change of status as it was read. */
export type NewStatus = z.infer<typeof statusSchema>;
/** A cancellation as it was read. */
export type CancellationRequest = z.infer<typeof cancellationSchema>;
/** Which appointments a list shows. */
export type AppointmentQuery = z.infer<typeof listSchema>;
/** A day whose free slots are asked for. */
export type Day = z.infer<typeof daySchema>;
/** A doctor's week as it was read. */
export type NewWorkingHours = z.infer<typeof workingHoursSchema>;
/** A time to be blocked as it was read. */
export type NewTimeOff = z.infer<typeof timeOffSchema>;
/** Which blocked times a list shows. */
export type TimesOffQuery = z.infer<typeof timesOffSchema>;
