/** The server's texts in English, as ICU messages. The other languages have the same keys and values. */
export const en = {
  'time.span': '{weekday} {day} {month} {year}, {from}–{to} {zone}',

  'told.created':
    '{actor, select, you {You booked an appointment with {other}} clinic {The clinic booked an appointment for you with {other}} other {{other} booked an appointment with you}}: {when}.',
  'told.reason':
    '{actor, select, you {You changed the reason of your appointment with {other}} clinic {The clinic changed the reason of your appointment with {other}} other {{other} changed the reason of the appointment with you}} on {when}: {reason}',
  'told.noReason':
    '{actor, select, you {You removed the reason of your appointment with {other}} clinic {The clinic removed the reason of your appointment with {other}} other {{other} removed the reason of the appointment with you}} on {when}.',
  'told.moved':
    '{actor, select, you {You moved your appointment with {other}} clinic {The clinic moved your appointment with {other}} other {{other} moved the appointment with you}} from {before} to {when}.',
  'told.cancelled':
    '{actor, select, you {You cancelled your appointment with {other}} clinic {The clinic cancelled your appointment with {other}} other {{other} cancelled the appointment with you}} on {when}.',
  'told.cancelledWhy':
    '{actor, select, you {You cancelled your appointment with {other}} clinic {The clinic cancelled your appointment with {other}} other {{other} cancelled the appointment with you}} on {when}. Reason: {reason}',
  'told.booked':
    '{side, select, patient {Your appointment} other {The appointment}} with {other} on {when} is confirmed.',
  'told.arrived':
    '{side, select, patient {You have arrived for your appointment with {other} on {when}.} other {{other} has arrived for the appointment on {when}.}}',
  'told.checked-in':
    '{side, select, patient {You are checked in for your appointment with {other} on {when}.} other {{other} is checked in for the appointment on {when}.}}',
  'told.fulfilled':
    '{side, select, patient {Your appointment} other {The appointment}} with {other} on {when} is completed.',
  'told.noshow':
    '{side, select, patient {You missed your appointment with {other} on {when}.} other {{other} did not come to the appointment on {when}.}}',
  'told.entered-in-error':
    "{side, select, patient {Your appointment} other {The appointment}} with {other} on {when} was entered by mistake; it doesn't count.",
  'told.reminder': 'Reminder: your appointment with {other} is on {when}.',
  'told.wrote': '{name} wrote to you.',
  'told.about': '{name} about your appointment on {when}: {text}',
  'told.clinic': 'The clinic',
  'told.somebody': 'Somebody',

  'alert.appointment.created': 'New appointment',
  'alert.appointment.updated': 'Appointment changed',
  'alert.appointment.rescheduled': 'Appointment moved',
  'alert.appointment.status_changed': 'Appointment update',
  'alert.appointment.cancelled': 'Appointment cancelled',
  'alert.appointment.reminder': 'Appointment reminder',
  'alert.message': 'Message',
  'alert.someMessage': 'You have a new message',
  'alert.someUpdate': 'You have an appointment update',
  'alert.test': 'This device gets your alerts',

  'mail.read': 'Sign in to read it.',
  'mail.readAt': 'Sign in to read it: {url}',
  'mail.preferences': 'What you are told, and where: {url}',
  'mail.reset': 'A new password for Carillon',
  'mail.resetText':
    'Choose a new password within {minutes, plural, one {# minute} other {# minutes}}: {url}\n\nIf you didn’t ask for it, nothing has changed, and nothing has to be done.',
  'mail.email': 'The e-mail address of your Carillon account',
  'mail.emailText':
    'Confirm within {minutes, plural, one {# minute} other {# minutes}} that this is your new address: {url}\n\nIf you didn’t ask for it, nothing has changed, and nothing has to be done.',
  'mail.emailTaken':
    'Somebody wants to have this address for their account, but there is an account with it already. Nothing has changed. If it was you, sign in with this address.',
  'mail.emailAsked':
    'Somebody who is signed in to your account has asked to give it another e-mail address. Nothing has changed yet.\n\nIf it wasn’t you, choose a new password now, and the request is worth nothing: {url}',
  'mail.emailChanged':
    'Your account has another e-mail address now. It was confirmed from there; what Carillon tells you goes there from now on.\n\nIf it wasn’t you, call the clinic now. For a while nobody else can have this address.',

  'calendar.one': 'Appointment',
  'calendar.name': 'Appointments',
  'calendar.patient': 'Appointment with {name}',
  'calendar.doctor': 'Appointment ({name})',
};

/** The texts of one language. */
export type Messages = Readonly<Record<keyof typeof en, string>>;
