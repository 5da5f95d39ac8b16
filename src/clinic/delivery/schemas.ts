import { z } from 'zod';
import { idSchema, pathIdSchema } from '../http/id.js';

/** @see RFC 8291, 2: an uncompressed point of P-256, and sixteen bytes */
const key = (bytes: number) =>
  z
    .string()
    .max(128)
    .refine(
      (text) => /^[\w-]+={0,2}$/.test(text) && Buffer.from(text, 'base64url').length === bytes,
      `must be ${bytes} bytes as base64url`,
    );

/** What `PushSubscription#toJSON()` gives, and a name for people. */
export const deviceSchema = z.object({
  endpoint: z
    .string()
    .max(2_048)
    .refine((url) => URL.canParse(url), 'must be a URL'),
  keys: z.object({ p256dh: key(65), auth: key(16) }),
  name: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .regex(/^[^\0]*$/, 'may not contain NUL'),
});

/** What an operator asks for: one person's, one alert's, those of a state. */
export const deliveriesSchema = z.object({
  userId: pathIdSchema.optional(),
  notificationId: pathIdSchema.optional(),
  channel: z.enum(['push', 'email', 'sms']).optional(),
  state: z.enum(['waiting', 'sent', 'skipped', 'failed']).optional(),
  before: pathIdSchema.optional().describe('The `next` of a page'),
  limit: z.coerce.number().int().min(1).default(50),
});

/** A query of deliveries, as it was understood. */
export type DeliveriesQuery = z.infer<typeof deliveriesSchema>;

/** Of whom an operator wants to see the alerts, or the devices. */
export const ofPersonSchema = z.object({
  userId: pathIdSchema,
  before: pathIdSchema.optional().describe('The `next` of a page'),
  limit: z.coerce.number().int().min(1).default(50),
});

/** Which of all devices an operator wants to see; without it, the newest ones. */
export const allDevicesSchema = ofPersonSchema.partial({ userId: true });

/** A query of one person's alerts, as it was understood. */
export type OfPerson = z.infer<typeof ofPersonSchema>;
/** A query of devices, as it was understood. */
export type AllDevices = z.infer<typeof allDevicesSchema>;

/** What a page in front of its reader has shown. */
export const shownSchema = z.object({ ids: z.array(idSchema).min(1).max(100) });

/** A browser that is to take pushes. */
export type NewDevice = z.infer<typeof deviceSchema>;
/** Ids of notifications that a page has shown. */
export type Shown = z.infer<typeof shownSchema>;
