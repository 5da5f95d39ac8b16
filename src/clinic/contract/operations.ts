import { z } from 'zod';
import * as appointments from '../appointments/schemas.js';
import * as auth from '../auth/schemas.js';
import * as conversations from '../conversations/schemas.js';
import type { HttpCode } from '../errors.js';
import * as delivery from '../delivery/schemas.js';
import { cursor } from '../http/cursor.js';
import * as notifications from '../notifications/schemas.js';
import * as preferences from '../preferences/schemas.js';

import type { Role } from '../users/user.entity.js';
import type { answers } from './answers.js';

/** One call of the REST API, as a row of the contract. */
export interface Operation {
  readonly call: `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`;
  readonly summary: string;
  readonly description?: string;
  /** Everybody, only these roles, or every holder of a token or a ticket. Without it: every holder of a token. */
  readonly access?: 'public' | 'ticket' | readonly Role[];
  readonly query?: z.ZodType;
  readonly headers?: readonly (keyof typeof requestHeaders)[];
  readonly body?: keyof typeof bodies;
  readonly answer: OperationAnswer;
  /** Of the same answer where nothing was made. */
  readonly otherStatus?: 200;
  /** Beside those that follow from the rest of the row. @see openapi.ts */
  readonly problems?: readonly HttpCode[];
}

/** One answer of an operation that was done. */
export interface OperationAnswer {
  readonly status: 200 | 201 | 202 | 204;
  /** JSON of this shape, or a text of this media type; nothing without it. */
  readonly body?: keyof typeof answers | `${'text' | 'application'}/${string}`;
  readonly headers?: readonly (keyof typeof answerHeaders)[];
}

/** The shapes of all bodies that the API takes, by name. */
export const bodies = {
  Login: auth.loginSchema,
  Registration: auth.registrationSchema,
  AccountChange: auth.accountChangeSchema,
  PasswordChange: auth.passwordChangeSchema,
  NewEmail: auth.emailChangeSchema,
  EmailConfirmation: auth.emailConfirmationSchema,
  Forgotten: auth.resetSchema,
  NewPassword: auth.newPasswordSchema,
  Booking: appointments.bookingSchema,
  AppointmentChange: appointments.confirmedChangeSchema,
  NewStatus: appointments.statusSchema,
  Cancellation: appointments.cancellationSchema,
  WorkingHours: appointments.workingHoursSchema,
  NewTimeOff: appointments.timeOffSchema,
  PatientMessage: appointments.patientMessageSchema,
  Marks: notifications.marksSchema,
  ReadAll: notifications.readAllSchema,
  Ack: notifications.ackSchema,
  NewNotification: notifications.sendSchema,
  NewNotifications: notifications.batchSchema,
  NewEvent: notifications.eventSchema,
  Announcement: notifications.announcementSchema,
  PreferencesChange: preferences.preferencesChangeSchema,
  NewDevice: delivery.deviceSchema,
  ShownNotifications: delivery.shownSchema,
  Beginning: conversations.beginSchema,
  NewMembers: conversations.membersSchema,
  MessageText: conversations.messageDraftSchema,
  Reading: conversations.readSchema,
  Arrival: conversations.deliveredSchema,
};

/** They can be sent as they are, signed in as one of the demo's people. */
export const examples: { readonly [Name in keyof typeof bodies]: z.input<(typeof bodies)[Name]> } = {
  Login: { email: 'patient@example.org', password: 'carillon' },
  Registration: { email: 'ada@example.org', password: 'as long as I like', name: 'Ada Lovelace' },
  AccountChange: { name: 'Paula Brandt' },
  PasswordChange: { current: 'carillon', password: 'as long as I like' },
  NewEmail: { email: 'paula@example.org', password: 'carillon' },
  EmailConfirmation: { token: 'what stands behind the # of the link' },
  Forgotten: { email: 'patient@example.org' },
  NewPassword: { token: 'what stands behind the # of the link', password: 'as long as I like' },
  Booking: { doctorId: 3, startsAt: '2030-05-06T09:00:00Z', durationMinutes: 30, reason: 'Cough' },
  AppointmentChange: { startsAt: '2030-05-06T10:30:00Z' },
  NewStatus: { status: 'arrived' },
  Cancellation: { reason: 'I am well again' },
  WorkingHours: {
    items: [
      { day: 'mon', from: '08:00', to: '12:00' },
      { day: 'mon', from: '14:00', to: '18:00' },
    ],
  },
  NewTimeOff: { startsAt: '2030-07-01T06:00:00Z', endsAt: '2030-07-15T16:00:00Z', note: 'Holidays' },
  PatientMessage: { message: 'Please come ten minutes earlier' },
  Marks: { isRead: true },
  ReadAll: { upTo: 'earliest' },
  Ack: { upTo: 'earliest' },
  NewNotification: { email: 'doctor@example.org', message: 'Ding dong' },
  NewNotifications: {
    items: [
      {
        email: 'patient@example.org',
        type: 'new_email',
        message: 'Hello World',
        data: {
          message_id: 'msg-12345',
          from: 'sender@example.com',
          subject: 'Hello World',
          folder: 'INBOX',
        },
      },
    ],
  },
  NewEvent: { type: 'server_status', data: { load: 0.4 } },
  Announcement: { message: 'The lift works again' },
  NewDevice: {
    endpoint: 'https://push.example.org/send/of-one-browser',
    keys: {
      // RFC 8291, 5
      p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
      auth: 'BTBZMqHH6r4Tts7J_aSIgg',
    },
    name: 'Firefox on Android',
  },
  ShownNotifications: { ids: [1] },
  PreferencesChange: {
    kinds: { 'appointment.created': { email: true } },
    reminderOffsets: [1_440, 120],
    quietHours: { from: '22:00', to: '07:00', zone: 'Europe/Berlin' },
  },
  Beginning: { memberIds: [3] },
  NewMembers: { userIds: [4] },
  MessageText: { text: 'May I eat before the test?', clientId: '5f0c' },
  Reading: { upTo: 1 },
  Arrival: { upTo: 1 },
};

/** What the headers of requests mean. */
export const requestHeaders = {
  'Idempotency-Key': 'Of your choice: the same request with the same key is done once, and answered alike',
  'If-Match': 'The `ETag` of the version that is to be changed; without it, whichever there is',
  'Last-Event-ID':
    "What a browser's EventSource sends when it comes back, in any form that clients have for it; it wins over the query",
};

/** What the headers of answers mean. */
export const answerHeaders = {
  ETag: { description: 'The version, in quotes', required: true },
  'Idempotency-Replayed': { description: '`true`: this was answered before, and nothing was done now' },
  'Set-Cookie': {
    description: 'With a ticket: the same URL may come again with it, so that a stock EventSource reconnects',
  },
};

const appointment: OperationAnswer = { status: 200, body: 'Appointment', headers: ['ETag'] };

/** Of a call that changes one. */
const changed = {
  headers: ['Idempotency-Key', 'If-Match'],
  answer: { ...appointment, headers: ['ETag', 'Idempotency-Replayed'] },
} as const;

const stream = {
  access: 'ticket',
  answer: { status: 200, body: 'text/event-stream', headers: ['Set-Cookie'] },
} as const;

const since = z.object({
  since: cursor.optional().describe('A cursor, or `earliest`: a verdict comes first, then all rows after it'),
  lastEventId: cursor
    .optional()
    .describe(
      'What clients write there that cannot set the header when they come back; it wins over `since`',
    ),
});

/** Of whom a conversation isn't, also where it is nobody's, it is told that it isn't there. */
const conversationCalls: Readonly<Record<string, Operation>> = {
  begin: {
    call: 'POST /api/conversations',
    summary: 'Begin a conversation',
    description:
      'Patients with doctors, staff with everybody. Two people have one: it is answered with 200 where it is there. With ' +
      'three or more it is a new one each time.',
    headers: ['Idempotency-Key'],
    body: 'Beginning',
    answer: { status: 201, body: 'Conversation', headers: ['Idempotency-Replayed'] },
    otherStatus: 200,
    problems: ['not_found', 'conversation_limit'],
  },
  conversations: {
    call: 'GET /api/conversations',
    summary: 'The own conversations',
    description: 'The newest first, each with its last message and how many are unread.',
    query: conversations.conversationListSchema,
    answer: { status: 200, body: 'ConversationPage' },
  },
  conversation: {
    call: 'GET /api/conversations/{id}',
    summary: 'One of them',
    answer: { status: 200, body: 'Conversation' },
    problems: ['not_found'],
  },
  deleteConversation: {
    call: 'DELETE /api/conversations/{id}',
    summary: 'Delete it for all its members',
    description: 'Who began it may, and operators.',
    answer: { status: 204 },
    problems: ['not_found'],
  },
  addMembers: {
    call: 'POST /api/conversations/{id}/members',
    summary: 'Add people to a conversation of more than two',
    description: 'They see all that was said. Whom you may not write to is `not_found`.',
    body: 'NewMembers',
    answer: { status: 200, body: 'Conversation' },
    problems: ['not_found'],
  },
  removeMember: {
    call: 'DELETE /api/conversations/{id}/members/{member}',
    summary: 'Leave it, or send somebody away',
    description: '`me` is yourself. Others are sent away by who began it, or by an operator in it.',
    answer: { status: 204 },
    problems: ['not_found'],
  },
  say: {
    call: 'POST /api/conversations/{id}/messages',
    summary: 'Say something',
    description:
      'The same `clientId` again, after a cut for example, is answered with 200 and the first message; nobody is told twice.',
    headers: ['Idempotency-Key'],
    body: 'MessageText',
    answer: { status: 201, body: 'ConversationMessage', headers: ['Idempotency-Replayed'] },
    otherStatus: 200,
    problems: ['not_found', 'rate_limited'],
  },
  messages: {
    call: 'GET /api/conversations/{id}/messages',
    summary: 'What was said',
    description:
      'The newest first, or the oldest first with `after`. `after=earliest` starts at the first that is kept; `after` proves ' +
      'that nothing is missing: a cursor that can no longer be served is `cursor_reset`.',
    query: conversations.messageListSchema,
    answer: { status: 200, body: 'MessagePage' },
    problems: ['not_found', 'cursor_reset'],
  },
  readMessages: {
    call: 'PATCH /api/conversations/{id}/read',
    summary: 'Say how far you have read',
    description:
      'Up to a number, up to the newest of some messages, or, with neither, all. It only goes forward: the answer says how far.',
    body: 'Reading',
    answer: { status: 200, body: 'ReadTo' },
    problems: ['not_found'],
  },
  messagesArrived: {
    call: 'POST /api/conversations/{id}/delivered',
    summary: 'Say how far messages have arrived',
    description: 'What ACK does over STOMP. It only goes forward.',
    body: 'Arrival',
    answer: { status: 204 },
    problems: ['not_found'],
  },
};

/** The same calls at the paths that clients of the casting platform have. */
const castingCalls: Readonly<Record<string, Operation>> = Object.fromEntries(
  Object.entries(conversationCalls).map(([name, row]) => [
    `${name}ByCastingPath`,
    { ...row, call: row.call.replace('/api/', '/messages/') as Operation['call'] },
  ]),
);

/** Every call, by the section that it stands in and its name. */
export const operations: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  'Signing in': {
    login: {
      call: 'POST /api/auth/login',
      summary: 'Sign in with e-mail address and password',
      access: 'public',
      body: 'Login',
      answer: { status: 200, body: 'LoginAnswer' },
      problems: ['auth_failed', 'rate_limited'],
    },
    refresh: {
      call: 'POST /api/auth/refresh',
      summary: 'A new token for the same session',
      answer: { status: 200, body: 'LoginAnswer' },
    },
    logout: {
      call: 'POST /api/auth/logout',
      summary: 'End the session, and its live connections with it',
      answer: { status: 204 },
    },
    sessions: {
      call: 'GET /api/auth/sessions',
      summary: 'Where one is signed in',
      answer: { status: 200, body: 'OpenLogins' },
    },
    endSession: {
      call: 'DELETE /api/auth/sessions/{session}',
      summary: 'End one of them, and its live connections',
      answer: { status: 204 },
      problems: ['not_found'],
    },
    endOtherSessions: {
      call: 'DELETE /api/auth/sessions',
      summary: 'End all but the one that asks',
      answer: { status: 204 },
    },
    forgot: {
      call: 'POST /api/auth/forgot',
      summary: 'Mail a link for a new password, where there is such an account: the answer is the same',
      access: 'public',
      body: 'Forgotten',
      answer: { status: 202 },
      problems: ['rate_limited'],
    },
    reset: {
      call: 'POST /api/auth/reset',
      summary: 'Use the link: all logins end',
      access: 'public',
      body: 'NewPassword',
      answer: { status: 204 },
      problems: ['auth_failed', 'rate_limited'],
    },
    changeAccount: {
      call: 'PATCH /api/me',
      summary: 'Change one’s name',
      body: 'AccountChange',
      answer: { status: 200, body: 'Person' },
    },
    changePassword: {
      call: 'PUT /api/me/password',
      summary: 'Change one’s password: the other logins end',
      body: 'PasswordChange',
      answer: { status: 204 },
      problems: ['wrong_password', 'rate_limited'],
    },
    askForEmail: {
      call: 'POST /api/me/email',
      summary: 'Ask for another e-mail address: it gets a link that confirms it, the present one a word',
      description:
        'The answer is the same whether somebody else has the address. A newer request stands for an older one.',
      body: 'NewEmail',
      answer: { status: 202 },
      problems: ['wrong_password', 'rate_limited'],
    },
    confirmEmail: {
      call: 'POST /api/auth/email',
      summary: 'Use the link: the account has the new address',
      description:
        'Logins stay. Their connections and streams end with `auth_revoked`, and come back under the new name.',
      access: 'public',
      body: 'EmailConfirmation',
      answer: { status: 204 },
      problems: ['auth_failed', 'email_taken'],
    },
    register: {
      call: 'POST /api/auth/register',
      summary: 'Make an account, as a patient',
      access: 'public',
      body: 'Registration',
      answer: { status: 201, body: 'Person' },
      problems: ['email_taken', 'rate_limited'],
    },
    ticket: {
      call: 'POST /api/auth/ticket',
      summary: 'A ticket for one stream',
      description:
        "For clients that can't set headers, as a browser's EventSource: one use, 30 s, `?ticket=`.",
      answer: { status: 201, body: 'Ticket' },
    },
    me: {
      call: 'GET /api/me',
      summary: 'Who is signed in',
      answer: { status: 200, body: 'Person' },
    },
    demo: {
      call: 'GET /api/demo',
      summary: 'Who may be tried out',
      description: 'There only with the setting DEMO.',
      access: 'public',
      answer: { status: 200, body: 'DemoCards' },
      problems: ['not_found'],
    },
  },

  Appointments: {
    clinic: {
      call: 'GET /api/clinic',
      summary: 'Its time zone, and the last day that can be booked',
      answer: { status: 200, body: 'Clinic' },
    },
    doctors: {
      call: 'GET /api/doctors',
      summary: 'The doctors, by name',
      answer: { status: 200, body: 'DoctorPage' },
    },
    freeSlots: {
      call: 'GET /api/doctors/{id}/slots',
      summary: "A doctor's free quarters of an hour",
      description:
        "`date` is a day in the clinic's zone. What is past, taken, or further ahead than can be booked is left out.",
      query: appointments.daySchema,
      answer: { status: 200, body: 'Slots' },
      problems: ['not_found'],
    },
    patients: {
      call: 'GET /api/patients',
      summary: 'Patients by a part of their name or e-mail address',
      description: 'The first twenty, by name; each word of `search` has to fit.',
      access: ['doctor', 'operator'],
      query: appointments.patientSearchSchema,
      answer: { status: 200, body: 'Patients' },
    },
    calendarFeed: {
      call: 'GET /api/calendar',
      summary: 'Whether other calendars may read the own appointments',
      answer: { status: 200, body: 'CalendarFeed' },
    },
    openCalendarFeed: {
      call: 'POST /api/calendar',
      summary: 'A new address for other calendars',
      description: 'Who knows it may read them. It is told this once; the one before is no good any more.',
      answer: { status: 201, body: 'NewCalendarFeed' },
    },
    closeCalendarFeed: {
      call: 'DELETE /api/calendar',
      summary: 'Revoke that address',
      answer: { status: 204 },
    },
    readCalendarFeed: {
      call: 'GET /api/calendar/{file}',
      summary: 'The appointments of that address',
      description:
        'iCalendar (RFC 5545): what is to come and the last thirty days, without reasons; `If-None-Match` is answered 304.',
      access: 'public',
      answer: { status: 200, body: 'text/calendar' },
      problems: ['not_found', 'rate_limited'],
    },
    hours: {
      call: 'GET /api/doctors/{id}/hours',
      summary: 'When a doctor sees patients, by the week',
      answer: { status: 200, body: 'DoctorHours', headers: ['ETag'] },
      problems: ['not_found'],
    },
    setHours: {
      call: 'PUT /api/doctors/{id}/hours',
      summary: 'Set these hours',
      description:
        'Doctors set their own. A weekday without times is a day off. Appointments that are there stay; see `misplaced`.',
      access: ['doctor', 'operator'],
      headers: ['If-Match'],
      body: 'WorkingHours',
      answer: { status: 200, body: 'DoctorHours', headers: ['ETag'] },
      problems: ['not_found'],
    },
    timesOff: {
      call: 'GET /api/doctors/{id}/times-off',
      summary: 'When a doctor is away: holidays, blocked times',
      description: 'Those that are not over, or those of a span, by time. Doctors see their own.',
      access: ['doctor', 'operator'],
      query: appointments.timesOffSchema,
      answer: { status: 200, body: 'TimesOff' },
      problems: ['not_found'],
    },
    addTimeOff: {
      call: 'POST /api/doctors/{id}/times-off',
      summary: 'Block a time',
      description: 'Nothing can be booked there. Appointments that are there stay; see `misplaced`.',
      access: ['doctor', 'operator'],
      headers: ['Idempotency-Key'],
      body: 'NewTimeOff',
      answer: { status: 201, body: 'TimeOff', headers: ['Idempotency-Replayed'] },
      problems: ['not_found', 'time_off_limit'],
    },
    removeTimeOff: {
      call: 'DELETE /api/doctors/{id}/times-off/{timeOffId}',
      summary: 'Give a blocked time back',
      access: ['doctor', 'operator'],
      answer: { status: 204 },
      problems: ['not_found'],
    },
    misplaced: {
      call: 'GET /api/doctors/{id}/misplaced',
      summary: 'Appointments to come outside of the hours, or in a blocked time',
      description: 'The first hundred, by time.',
      access: ['doctor', 'operator'],
      answer: { status: 200, body: 'Appointments' },
      problems: ['not_found'],
    },
    book: {
      call: 'POST /api/appointments',
      summary: 'Book an appointment',
      description:
        'Patient and doctor are told. Patients book for themselves; doctors and operators name the patient. ' +
        '`startsAt` and `durationMinutes` are multiples of a quarter of an hour, within opening hours.',
      headers: ['Idempotency-Key'],
      body: 'Booking',
      answer: { ...changed.answer, status: 201 },
      problems: [
        'forbidden',
        'slot_taken',
        'double_booking',
        'too_far_ahead',
        'booking_limit',
        'rate_limited',
      ],
    },
    appointments: {
      call: 'GET /api/appointments',
      summary: 'The own appointments, by time; for operators all',
      description: '`status` is one, or several with commas; `after` is the `next` of a page, or `earliest`.',
      query: appointments.listSchema,
      answer: { status: 200, body: 'AppointmentPage' },
    },
    appointment: {
      call: 'GET /api/appointments/{id}',
      summary: 'One appointment',
      description: "Another's is `not_found` too.",
      answer: appointment,
      problems: ['not_found'],
    },
    history: {
      call: 'GET /api/appointments/{id}/history',
      summary: 'Who changed what, and whom it has reached',
      description: 'The newest events, oldest first, and its reminders.',
      answer: { status: 200, body: 'History' },
      problems: ['not_found'],
    },
    reminders: {
      call: 'GET /api/reminders',
      summary: 'What people are, and were, reminded of',
      description:
        'What is planned by when it is due, the soonest first; in another `state`, what came into it last stands first. Of ' +
        'everybody, or of one person.',
      access: ['operator'],
      query: appointments.remindersSchema,
      answer: { status: 200, body: 'ReminderPage' },
    },
    file: {
      call: 'GET /api/appointments/{id}/ics',
      summary: 'One appointment for another calendar',
      description: 'iCalendar (RFC 5545), without its reason; doctors get initials.',
      answer: { status: 200, body: 'text/calendar' },
      problems: ['not_found'],
    },
    tell: {
      call: 'POST /api/appointments/{id}/message',
      summary: 'A word to the patient of an appointment',
      description: 'A notification of the type `message`. 100 an hour of one author.',
      access: ['doctor', 'operator'],
      headers: ['Idempotency-Key'],
      body: 'PatientMessage',
      answer: { status: 204, headers: ['Idempotency-Replayed'] },
      problems: ['not_found', 'rate_limited'],
    },
    changeAppointment: {
      ...changed,
      call: 'PATCH /api/appointments/{id}',
      summary: 'Change time, length or reason',
      description: 'A changed time is one `appointment.rescheduled`. Where nothing changes, nobody is told.',
      body: 'AppointmentChange',
      problems: [
        'not_found',
        'illegal_transition',
        'slot_taken',
        'double_booking',
        'too_far_ahead',
        'booking_limit',
        'rate_limited',
      ],
    },
    setStatus: {
      ...changed,
      call: 'PUT /api/appointments/{id}/status',
      summary: 'Set the status',
      description:
        'The only status that patients set is `cancelled`. With `undoMs` it waits: the answer is the appointment as it is, with ' +
        '`pendingChange`.',
      body: 'NewStatus',
      problems: ['forbidden', 'not_found', 'illegal_transition'],
    },
    cancel: {
      ...changed,
      call: 'POST /api/appointments/{id}/cancel',
      summary: 'Cancel, with or without a word',
      description:
        'With `undoMs` it waits: the answer is the appointment as it is, with `pendingChange`. Nobody is told before it is ' +
        'made, and the time stays taken. It is made without anybody’s doing, also when this client is gone. A change that ' +
        'somebody asks for meanwhile comes after it; the same, asked for again by its author, takes its place.',
      body: 'Cancellation',
      problems: ['not_found', 'illegal_transition'],
    },
    takeBack: {
      call: 'DELETE /api/appointments/{id}/pending-change',
      summary: 'Take back a change that waits',
      description:
        'For the one who asked for it with `undoMs`. `not_found`: it was made, or taken back, before.',
      answer: appointment,
      problems: ['forbidden', 'not_found'],
    },
  },

  Notifications: {
    notifications: {
      call: 'GET /api/notifications',
      summary: 'The own inbox',
      description:
        'Newest first, or oldest first with `after`. `after=earliest` starts at the first row; `after` without a ' +
        '`filter` proves completeness: a cursor that can no longer be served is `cursor_reset`.',
      query: notifications.listSchema,
      answer: { status: 200, body: 'NotificationPage' },
      problems: ['cursor_reset'],
    },
    counts: {
      call: 'GET /api/notifications/counts',
      summary: 'How many are unseen and unread',
      answer: { status: 200, body: 'Counts' },
    },
    mark: {
      call: 'PATCH /api/notifications/{id}',
      summary: 'Mark one as seen, read or archived, or as not',
      body: 'Marks',
      answer: { status: 200, body: 'Notification' },
      problems: ['not_found'],
    },
    readAll: {
      call: 'POST /api/notifications/read-all',
      summary: 'Mark as read what was shown',
      description: 'Up to a cursor: what arrives during the call stays unread.',
      body: 'ReadAll',
      answer: { status: 200, body: 'Changed' },
      problems: ['cursor_reset'],
    },
    acknowledge: {
      call: 'POST /api/notifications/ack',
      summary: 'Say what has arrived: some by their `ids`, or all up to a cursor',
      description: 'Sets `deliveredAt`: what ACK does over STOMP, for readers of a stream and of pages.',
      body: 'Ack',
      answer: { status: 204 },
      problems: ['cursor_reset'],
    },
    notify: {
      call: 'POST /api/notifications',
      summary: 'Tell one user something',
      description: 'Names the user by `userId` or by `email`. A row first, then a push to every open device.',
      access: ['operator'],
      headers: ['Idempotency-Key'],
      body: 'NewNotification',
      answer: { status: 201, body: 'Notification', headers: ['Idempotency-Replayed'] },
      problems: ['not_found'],
    },
    notifyMany: {
      call: 'POST /api/notifications/batch',
      summary: 'Tell users many things at once',
      description: 'Up to 1,000 of them, in one commit: all or none.',
      access: ['operator'],
      headers: ['Idempotency-Key'],
      body: 'NewNotifications',
      answer: { status: 201, body: 'NotificationItems', headers: ['Idempotency-Replayed'] },
      problems: ['not_found'],
    },
    broadcast: {
      call: 'POST /api/events',
      summary: 'Say something to everybody who is there and asks for that type',
      description:
        'It goes to `/topic/events.<type>`, and to JSON sockets that asked for the type or for `*`. It is kept nowhere.',
      access: ['operator'],
      body: 'NewEvent',
      answer: { status: 202 },
    },
    announcements: {
      call: 'GET /api/announcements',
      summary: 'What everybody was told',
      description:
        'Newest first, or oldest first with `after`. `after=earliest` starts at the first that is kept; a cursor that can ' +
        'no longer be served is `cursor_reset`.',
      query: notifications.pageSchema,
      answer: { status: 200, body: 'AnnouncementPage' },
      problems: ['cursor_reset'],
    },
    announce: {
      call: 'POST /api/announcements',
      summary: 'Tell everybody something',
      description:
        'It is stored, and goes to `/topic/announcements`; who comes later gets it by `since`, or by the GET.',
      access: ['operator'],
      headers: ['Idempotency-Key'],
      body: 'Announcement',
      answer: { status: 202, headers: ['Idempotency-Replayed'] },
    },
  },

  Preferences: {
    preferences: {
      call: 'GET /api/preferences',
      summary: 'What the caller wants to hear, and where',
      answer: { status: 200, body: 'Preferences' },
    },
    changePreferences: {
      call: 'PATCH /api/preferences',
      summary: 'Change some of it',
      description: 'What is left out stays; `quietHours: null` takes them away. The answer has all of it.',
      body: 'PreferencesChange',
      answer: { status: 200, body: 'Preferences' },
    },
    channels: {
      call: 'GET /api/channels',
      summary: 'On which channels this clinic can tell people, and its key for push',
      description: '`pushKey` is the `applicationServerKey` of `PushManager#subscribe`.',
      answer: { status: 200, body: 'Channels' },
    },
    devices: {
      call: 'GET /api/devices',
      summary: 'The browsers that take pushes for the caller',
      answer: { status: 200, body: 'DevicePage' },
    },
    addDevice: {
      call: 'POST /api/devices',
      summary: 'Let this browser take pushes',
      description:
        'The body is what `PushSubscription#toJSON()` gives, and a name. An endpoint belongs to the person who brought it ' +
        'last; it goes with their login. Of more than ten the oldest goes.',
      body: 'NewDevice',
      answer: { status: 201, body: 'Device' },
    },
    removeDevice: {
      call: 'DELETE /api/devices/{id}',
      summary: 'No more pushes to this one',
      answer: { status: 204 },
      problems: ['not_found'],
    },
    testDevice: {
      call: 'POST /api/devices/{id}/test',
      summary: 'Push to it now, and say what its push service said',
      answer: { status: 200, body: 'PushTest' },
      problems: ['not_found', 'rate_limited'],
    },
    deliveries: {
      call: 'GET /api/deliveries',
      summary: 'What became of alerts outside the page, and why',
      description:
        'The newest first; of one person, of one alert, on one channel, or in one state. It tells no word of what they say.',
      access: ['operator'],
      query: delivery.deliveriesSchema,
      answer: { status: 200, body: 'DeliveryPage' },
    },
    deliverySummary: {
      call: 'GET /api/deliveries/summary',
      summary: 'How the channels do',
      description: 'Of the newest 10,000 deliveries: how many are in which state, and why.',
      access: ['operator'],
      answer: { status: 200, body: 'DeliverySummary' },
    },
    allDevices: {
      call: 'GET /api/deliveries/devices',
      summary: 'The browsers that take pushes, of one person or of all',
      access: ['operator'],
      query: delivery.allDevicesSchema,
      answer: { status: 200, body: 'DeviceOfPersonPage' },
    },
    alerts: {
      call: 'GET /api/alerts',
      summary: 'What somebody was told, and how far it came',
      description: 'The newest first. It tells no word of what they say.',
      access: ['operator'],
      query: delivery.ofPersonSchema,
      answer: { status: 200, body: 'AlertPage' },
      problems: ['not_found'],
    },
    alert: {
      call: 'GET /api/alerts/{id}',
      summary: 'One of them, from the change that caused it to each device',
      access: ['operator'],
      answer: { status: 200, body: 'AlertStory' },
      problems: ['not_found'],
    },
    shown: {
      call: 'POST /api/notifications/shown',
      summary: 'Say that a page in front of its reader has shown these',
      description: 'They are pushed nowhere then, unless they are critical: those are, until they are seen.',
      body: 'ShownNotifications',
      answer: { status: 204 },
    },
  },

  Conversations: conversationCalls,

  'Conversations, at the paths of the casting platform': castingCalls,

  'Server-Sent Events': {
    stream: {
      ...stream,
      call: 'GET /api/notifications/stream',
      summary: 'The own notifications as they come',
      query: since,
      headers: ['Last-Event-ID'],
      problems: ['rate_limited'],
    },
    streamOf: {
      ...stream,
      call: 'GET /api/notifications/stream/{userId}',
      summary: 'The same, under the address that existing clients know',
      description: 'With the own id; others are `forbidden`.',
      query: since,
      headers: ['Last-Event-ID'],
      problems: ['forbidden', 'rate_limited'],
    },
    events: {
      ...stream,
      call: 'GET /api/events',
      summary: 'A topic',
      description: 'Any that its reader may subscribe to over STOMP.',
      query: notifications.topicSchema.extend(since.shape),
      headers: ['Last-Event-ID'],
      problems: ['forbidden', 'rate_limited'],
    },
  },

  'The process': {
    live: {
      call: 'GET /livez',
      summary: 'Whether the process works at all',
      description: "Doesn't look at the database.",
      access: 'public',
      answer: { status: 200, body: 'Health' },
    },
    ready: {
      call: 'GET /readyz',
      summary: 'Whether requests should come here',
      description: '`unavailable` while the database is down or the node drains.',
      access: 'public',
      answer: { status: 200, body: 'Health' },
    },
    metrics: {
      call: 'GET /metrics',
      summary: 'This node in numbers, for Prometheus',
      description: "Doesn't look at the database. What faces the Internet should not pass it on.",
      access: 'public',
      answer: { status: 200, body: 'text/plain' },
    },
    openApi: {
      call: 'GET /api/openapi.json',
      summary: 'This document',
      access: 'public',
      answer: { status: 200, body: 'application/json' },
    },
    asyncApi: {
      call: 'GET /api/asyncapi.json',
      summary: 'The messages of STOMP and of the streams, as AsyncAPI 3.0',
      access: 'public',
      answer: { status: 200, body: 'application/json' },
    },
    docs: {
      call: 'GET /api/docs',
      summary: 'This document, for people',
      access: 'public',
      answer: { status: 200, body: 'text/html' },
    },
    docsFile: {
      call: 'GET /api/docs/{file}',
      summary: 'What that page is made of',
      access: 'public',
      answer: { status: 200, body: 'text/plain' },
      problems: ['not_found'],
    },
  },
};
