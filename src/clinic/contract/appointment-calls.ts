import * as appointments from '../appointments/schemas.js';
import type { Examples, OperationAnswer, Operations } from './operation.js';

/** What is sent, by name. */
export const bodies = {
  Booking: appointments.bookingSchema,
  AppointmentChange: appointments.confirmedChangeSchema,
  NewStatus: appointments.statusSchema,
  Cancellation: appointments.cancellationSchema,
  WorkingHours: appointments.workingHoursSchema,
  NewTimeOff: appointments.timeOffSchema,
  PatientMessage: appointments.patientMessageSchema,
};

/** They can be sent as they are, signed in as one of the demo's people. */
export const examples: Examples<typeof bodies> = {
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
};

const appointment: OperationAnswer = { status: 200, body: 'Appointment', headers: ['ETag'] };

/** Of a call that changes one. */
const changed = {
  headers: ['Idempotency-Key', 'If-Match'],
  answer: { ...appointment, headers: ['ETag', 'Idempotency-Replayed'] },
} as const;

/** The calendar, and what is booked in it. */
export const appointmentCalls: Operations<keyof typeof bodies> = {
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
    problems: ['forbidden', 'slot_taken', 'double_booking', 'too_far_ahead', 'booking_limit', 'rate_limited'],
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
};
