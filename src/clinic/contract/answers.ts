import { z } from 'zod';
import { appointmentSchema } from '../appointments/appointment.js';
import { changedFields } from '../appointments/field-changes.js';
import type { Clinic } from '../appointments/clinic.js';
import type { PastEvent, PastReminder } from '../appointments/appointment-history.js';
import { reminderStates } from '../appointments/reminder.js';
import type { ListedReminder } from '../appointments/reminders.js';
import type { CalendarFeed, NewCalendarFeed } from '../appointments/calendar-feeds.js';
import type { TimeOff, WorkingHours } from '../appointments/doctor-time.js';
import type { Slot } from '../appointments/office-hours.js';
import { weekdays } from '../appointments/week.js';
import { conversationSchema, type Conversation } from '../conversations/conversation.js';
import { messageSchema } from '../conversations/message.js';
import type { MessagePage } from '../conversations/messages.service.js';
import type { ReadTo } from '../conversations/read-receipts.service.js';
import type { LoginAnswer } from '../auth/auth.controller.js';
import type { OpenLogin } from '../auth/login-sessions.js';
import type { Ticket } from '../auth/tickets.js';
import { codes, type Code, type HttpCode } from '../errors.js';
import { instant } from '../http/answer.js';
import { idSchema } from '../http/id.js';
import type { Problem } from '../http/problem.js';
import type { Counts } from '../../library/inbox/inbox.js';
import type { AnnouncementPage } from '../notifications/announcements.js';
import type { NotificationPage } from '../notifications/inbox-reader.js';
import { notificationSchema } from '../notifications/notification.js';
import { preferencesSchema } from '../preferences/preferences.js';
import { alertKinds, channels } from '../preferences/alert-kinds.js';
import type { AlertStory, ShownAlert } from '../delivery/alerts.service.js';
import type { DeliverySummary, DeviceOfPerson } from '../delivery/deliveries.controller.js';
import type { ShownDevice } from '../delivery/delivery.controller.js';
import type { TestAnswer } from '../delivery/push-test.js';
import type { ShownDelivery } from '../delivery/shown-deliveries.service.js';
import { cursor } from '../http/cursor.js';
import type { Doctor, Patient, Person } from '../users/users.service.js';

/**
 * What requests are answered with, as JSON has it. A schema stands in its room where the room's own type is derived from
 * it. The others stand here, and the compiler holds each against the type that its room answers with;
 * test/rest/openapi.test.ts holds all against real answers.
 */
const person = z.object({
  id: idSchema,
  email: z.string(),
  name: z.string(),
  role: z.enum(['patient', 'doctor', 'operator']),
}) satisfies Shows<Person>;

const openLogin = z.object({
  id: z.string(),
  device: z.string().nullable().describe('What its client calls itself (User-Agent)'),
  openedAt: instant.nullable(),
  renewedAt: instant.nullable().describe('When it got its last token'),
  expiresAt: instant,
  stays: z.boolean().describe('Whether it was opened with `stay`'),
  isCurrent: z.boolean().describe('The one that asks'),
}) satisfies Shows<OpenLogin>;

const doctor = z.object({
  id: idSchema,
  name: z.string(),
  specialty: z.string().nullable(),
}) satisfies Shows<Doctor>;

const slot = z.object({ startsAt: instant, endsAt: instant }) satisfies Shows<Slot>;

const openTime = z.object({ day: z.enum(weekdays), from: z.string(), to: z.string() });

const timeOff = z.object({
  id: idSchema,
  startsAt: instant,
  endsAt: instant,
  note: z.string().nullable(),
}) satisfies Shows<TimeOff>;

const fieldValue = z.union([z.string(), z.number(), z.null()]);

const pastEvent = z.object({
  at: instant,
  by: idSchema.describe('The user who did it'),
  byName: z.string(),
  type: z.string().describe('As of its notifications'),
  text: z.string().exactOptional().describe('Of a `message` to the patient'),
  changes: z.array(
    z.object({
      field: z.enum(changedFields),
      from: fieldValue,
      to: fieldValue,
    }),
  ),
  recipients: z
    .array(
      z.object({
        role: z.enum(['patient', 'doctor']),
        deliveredAt: instant.nullable().describe('Null while no device has acknowledged it'),
        seenAt: instant.nullable().exactOptional().describe('Not told to doctors'),
      }),
    )
    .describe('Without those whose notification was pruned'),
}) satisfies Shows<PastEvent>;

const outsideChannel = z.enum(['push', 'email', 'sms']);
const deliveryState = z.enum(['waiting', 'sent', 'skipped', 'failed']);

const delivery = z.object({
  id: idSchema,
  notificationId: idSchema,
  userId: idSchema,
  userName: z.string(),
  channel: outsideChannel,
  kind: z.enum(alertKinds),
  isCritical: z.boolean(),
  target: z.string().nullable().describe('The device or mailbox, once it was due'),
  state: deliveryState,
  reason: z.string().nullable().describe('Why it waits longer, or was not sent: docs/alerts.md'),
  createdAt: instant,
  dueAt: instant.describe('Of one that waits: when it is looked at next'),
  expiresAt: instant.describe('It is sent no later'),
  attempts: z.int().min(0),
  steps: z.array(
    z.object({
      at: instant,
      step: z.enum(['planned', 'held', 'tried', 'postponed', 'sent', 'skipped', 'failed']),
      reason: z.string().exactOptional(),
      device: z
        .string()
        .exactOptional()
        .describe('Of `shown`: what the browser calls itself that has shown it'),
    }),
  ),
  notification: z
    .object({
      createdAt: instant,
      deliveredAt: instant.nullable(),
      seenAt: instant.nullable(),
      readAt: instant.nullable(),
    })
    .nullable()
    .describe('Of the row in the inbox; null where it was pruned'),
}) satisfies Shows<ShownDelivery>;

const device = z.object({
  id: idSchema,
  name: z.string(),
  service: z.string().describe('The host of its push service'),
  createdAt: instant,
}) satisfies Shows<ShownDevice>;

const alert = z.object({
  id: idSchema.describe('Of the notification'),
  type: z.string(),
  kind: z.enum(alertKinds),
  isCritical: z.boolean(),
  isOwnAct: z.boolean().describe('Its reader did it: nothing rings outside the page'),
  createdAt: instant,
  deliveredAt: instant.nullable().describe('When a page or program of its reader acknowledged it'),
  seenAt: instant.nullable(),
  readAt: instant.nullable().describe('Without `seenAt`: a newer one stands for it'),
  archivedAt: instant.nullable(),
  appointmentId: idSchema.nullable(),
  startsAt: z.string().nullable().describe('Of the appointment, as it was then'),
  offsetMinutes: z.int().nullable().describe('Of a reminder'),
  outside: z.array(z.object({ channel: outsideChannel, state: deliveryState })),
}) satisfies Shows<ShownAlert>;

const recipient = z.object({
  id: idSchema,
  name: z.string(),
  role: z.enum(['patient', 'doctor', 'operator']),
});

const deviceOfPerson = z.object({
  id: idSchema,
  userId: idSchema,
  userName: z.string(),
  name: z.string(),
  service: z.string().describe('The host of its push service'),
  createdAt: instant,
}) satisfies Shows<DeviceOfPerson>;

const whatBecameOfIt = z.object({
  offsetMinutes: z.int().positive(),
  startsAt: instant.describe('The start that it reminds of'),
  dueAt: instant,
  state: z
    .enum(reminderStates)
    .describe('`withdrawn`: never sent, since something made it untrue before; docs/reminders.md'),
  reason: z
    .string()
    .nullable()
    .describe('Why it was skipped (`too_late`, `missed`, `overtaken`, `failed`) or withdrawn (`moved`, …)'),
  changedAt: instant.describe('When it came into its state'),
});

const reminder = z.object({
  id: idSchema,
  appointmentId: idSchema,
  recipientId: idSchema,
  recipientName: z.string(),
  ...whatBecameOfIt.shape,
}) satisfies Shows<ListedReminder>;

const pastReminder = z.object({
  role: z.enum(['patient', 'doctor']),
  ...whatBecameOfIt.shape,
  deliveredAt: instant.nullable().exactOptional().describe('Of one that was sent'),
  seenAt: instant.nullable().exactOptional().describe('The same; not told to doctors'),
}) satisfies Shows<PastReminder>;

/** The shape of an inbox's counts. */
export const counts = z.object({ unseen: z.int().min(0), unread: z.int().min(0) }) satisfies Shows<Counts>;

const nextPage = z.string().nullable().describe('Where the next page begins; null after the last one');

const codesOverHttp = (Object.keys(codes) as Code[]).filter(
  (code): code is HttpCode => 'status' in codes[code],
);

const problem = z
  .looseObject({
    type: z.string().regex(/^urn:carillon:problem:/),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    code: z.enum(codesOverHttp).describe('The stable word; docs/errors.md'),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .describe('With `invalid_request`: each place that is wrong'),
    from: z.string().optional().describe('With `illegal_transition`: the status that it has'),
    to: z.string().optional().describe('With `illegal_transition`: the status that was asked for'),
    startsAt: instant.optional().describe('With `double_booking`: the time of the other appointment'),
    endsAt: instant.optional(),
    until: instant.optional().describe("With `too_far_ahead`: the first instant that can't be booked"),
    reason: z.string().optional().describe('With `cursor_reset`: why'),
    cursor: cursor.optional().describe('With `cursor_reset`: the head'),
    earliest: cursor.optional().describe('With `cursor_reset`: the oldest position that can be served'),
  })
  .describe('RFC 9457') satisfies Shows<Problem>;

/** The shapes of all JSON that the API answers with, by name. */
export const answers = {
  LoginAnswer: z.object({
    token: z.string(),
    expiresAt: instant,
    expiresIn: z.int().nonnegative().describe('Seconds until then, for clients whose clock may be wrong'),
    user: person,
  }) satisfies Shows<LoginAnswer>,
  OpenLogins: z.object({ items: z.array(openLogin), next: z.null() }),
  Ticket: z.object({ ticket: z.string(), expiresAt: instant }) satisfies Shows<Ticket>,
  Person: person,
  DemoCards: z.object({ users: z.array(person.omit({ id: true })), password: z.string() }),
  Clinic: z.object({
    zone: z.string().describe('IANA; all times are by this clock'),
    lastDay: z.iso.date().describe('The last day that can be booked today'),
  }) satisfies Shows<Clinic>,
  Doctor: doctor,
  DoctorPage: z.object({ items: z.array(doctor), next: z.null() }),
  Slot: slot,
  Slots: z.object({ items: z.array(slot), zone: z.string() }),
  Patients: z.object({
    items: z.array(z.object({ id: idSchema, name: z.string(), email: z.string() }) satisfies Shows<Patient>),
  }),
  CalendarFeed: z.object({
    createdAt: instant.nullable().describe('Null where there is none'),
  }) satisfies Shows<CalendarFeed>,
  NewCalendarFeed: z.object({
    createdAt: instant,
    path: z.string().describe('Below the root of this server'),
  }) satisfies Shows<NewCalendarFeed>,
  DoctorHours: z.object({
    items: z.array(openTime).describe("By the clinic's clock, as `HH:MM`; in the order of the week"),
    zone: z.string(),
    version: z.int().min(0).describe("The ETag without its quotes; 0: the clinic's usual hours"),
  }) satisfies Shows<WorkingHours>,
  TimeOff: timeOff,
  TimesOff: z.object({ items: z.array(timeOff) }),
  Appointment: appointmentSchema,
  Appointments: z.object({ items: z.array(appointmentSchema) }),
  History: z.object({ items: z.array(pastEvent), reminders: z.array(pastReminder) }),
  ReminderPage: z.object({ items: z.array(reminder), next: nextPage }),
  AppointmentPage: z.object({ items: z.array(appointmentSchema), next: nextPage }),
  Notification: notificationSchema,
  NotificationItems: z.object({ items: z.array(notificationSchema) }),
  NotificationPage: z.object({
    items: z.array(notificationSchema),
    next: nextPage,
    counts,
    cursor: cursor.describe(
      "The head: a stream that starts after it misses nothing that this page doesn't have",
    ),
  }) satisfies Shows<NotificationPage>,
  AnnouncementPage: z.object({
    items: z.array(z.object({ message: z.string(), timestamp: instant, cursor, seq: z.int().positive() })),
    next: nextPage,
    cursor: cursor.describe(
      'The head: a subscription from there on misses nothing that this page does not have',
    ),
  }) satisfies Shows<AnnouncementPage>,
  Conversation: conversationSchema satisfies Shows<Conversation>,
  ConversationPage: z.object({ items: z.array(conversationSchema), next: nextPage }),
  ConversationMessage: messageSchema,
  MessagePage: z.object({
    items: z.array(messageSchema),
    next: nextPage,
    cursor: cursor.describe(
      'The head: a subscription from there on misses nothing that this page does not have',
    ),
  }) satisfies Shows<MessagePage>,
  ReadTo: z.object({
    readSeq: z.int().min(0).describe('Up to here you have read'),
    unread: z.int().min(0),
  }) satisfies Shows<ReadTo>,
  Counts: counts,
  Preferences: preferencesSchema,
  Channels: z.object({ items: z.array(z.enum(channels)), pushKey: z.string() }),
  Device: device,
  DeliverySummary: z.object({
    channels: z.array(outsideChannel).describe('Those that this clinic has'),
    since: instant.nullable().describe('When the oldest was planned that is counted'),
    tallies: z.array(
      z.object({
        channel: outsideChannel,
        state: deliveryState,
        reason: z.string().nullable(),
        count: z.int().positive(),
      }),
    ),
  }) satisfies Shows<DeliverySummary>,
  DeviceOfPersonPage: z.object({ items: z.array(deviceOfPerson), next: nextPage }),
  AlertPage: z.object({ recipient, items: z.array(alert), next: nextPage }),
  AlertStory: z.object({
    alert,
    recipient,
    by: recipient.omit({ role: true }).nullable().describe('The person whose act it tells of'),
    deliveries: z.array(delivery),
    ways: z.array(
      z.object({
        channel: z.enum(channels),
        reason: z
          .enum(['own_act', 'no_channel', 'switched_off', 'nowhere', 'too_late'])
          .nullable()
          .describe('Why it has no delivery there, by what holds now'),
      }),
    ),
  }) satisfies Shows<AlertStory>,
  DeliveryPage: z.object({ items: z.array(delivery), next: nextPage }),
  DevicePage: z.object({ items: z.array(device), next: z.null() }),
  PushTest: z.object({
    result: z.enum(['sent', 'gone', 'refused', 'later', 'postponed']),
    reason: z.string().nullable(),
  }) satisfies Shows<TestAnswer>,
  Changed: z.object({ changed: z.int().min(0) }),
  Health: z.object({ status: z.enum(['live', 'ready']) }),
  Problem: problem,
};

/** A schema whose values are this type's, once it has been through JSON. */
export type Shows<T> = z.ZodType<Json<T>>;

type Json<T> = T extends Date ? string : T extends object ? { readonly [K in keyof T]: Json<T[K]> } : T;
