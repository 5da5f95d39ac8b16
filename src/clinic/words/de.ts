import type { Messages } from './en.js';

/** The server's texts in German. */
export const de: Messages = {
  'time.span': '{weekday}, {day}. {month} {year}, {from}–{to} Uhr {zone}',

  'told.created':
    '{actor, select, you {Sie haben einen Termin mit {other} gebucht} clinic {Die Praxis hat für Sie einen Termin mit {other} gebucht} other {{other} hat einen Termin mit Ihnen gebucht}}: {when}.',
  'told.reason':
    '{actor, select, you {Sie haben den Grund Ihres Termins mit {other}} clinic {Die Praxis hat den Grund Ihres Termins mit {other}} other {{other} hat den Grund des Termins mit Ihnen}} am {when} geändert: {reason}',
  'told.noReason':
    '{actor, select, you {Sie haben den Grund Ihres Termins mit {other}} clinic {Die Praxis hat den Grund Ihres Termins mit {other}} other {{other} hat den Grund des Termins mit Ihnen}} am {when} entfernt.',
  'told.moved':
    '{actor, select, you {Sie haben Ihren Termin mit {other}} clinic {Die Praxis hat Ihren Termin mit {other}} other {{other} hat den Termin mit Ihnen}} verschoben: von {before} auf {when}.',
  'told.cancelled':
    '{actor, select, you {Sie haben Ihren Termin mit {other}} clinic {Die Praxis hat Ihren Termin mit {other}} other {{other} hat den Termin mit Ihnen}} am {when} abgesagt.',
  'told.cancelledWhy':
    '{actor, select, you {Sie haben Ihren Termin mit {other}} clinic {Die Praxis hat Ihren Termin mit {other}} other {{other} hat den Termin mit Ihnen}} am {when} abgesagt. Grund: {reason}',
  'told.booked':
    '{side, select, patient {Ihr Termin} other {Der Termin}} mit {other} am {when} ist bestätigt.',
  'told.arrived':
    '{side, select, patient {Sie sind zu Ihrem Termin mit {other} am {when} eingetroffen.} other {{other} ist zum Termin am {when} eingetroffen.}}',
  'told.checked-in':
    '{side, select, patient {Sie sind für Ihren Termin mit {other} am {when} angemeldet.} other {{other} ist für den Termin am {when} angemeldet.}}',
  'told.fulfilled':
    '{side, select, patient {Ihr Termin} other {Der Termin}} mit {other} am {when} ist abgeschlossen.',
  'told.noshow':
    '{side, select, patient {Sie haben Ihren Termin mit {other} am {when} versäumt.} other {{other} ist nicht zum Termin am {when} gekommen.}}',
  'told.entered-in-error':
    '{side, select, patient {Ihr Termin} other {Der Termin}} mit {other} am {when} wurde irrtümlich eingetragen; er zählt nicht.',
  'told.reminder': 'Erinnerung: Ihr Termin mit {other} ist am {when}.',
  'told.wrote': '{name} hat Ihnen geschrieben.',
  'told.about': '{name} zu Ihrem Termin am {when}: {text}',
  'told.clinic': 'Die Praxis',
  'told.somebody': 'Jemand',

  'alert.appointment.created': 'Neuer Termin',
  'alert.appointment.updated': 'Termin geändert',
  'alert.appointment.rescheduled': 'Termin verschoben',
  'alert.appointment.status_changed': 'Neues zu einem Termin',
  'alert.appointment.cancelled': 'Termin abgesagt',
  'alert.appointment.reminder': 'Terminerinnerung',
  'alert.message': 'Nachricht',
  'alert.someMessage': 'Sie haben eine neue Nachricht',
  'alert.someUpdate': 'Es gibt Neues zu einem Ihrer Termine',
  'alert.test': 'Dieses Gerät erhält Ihre Hinweise',

  'mail.read': 'Melden Sie sich an, um mehr zu lesen.',
  'mail.readAt': 'Melden Sie sich an, um mehr zu lesen: {url}',
  'mail.preferences': 'Worüber Sie informiert werden und wo: {url}',
  'mail.reset': 'Ein neues Passwort für Carillon',
  'mail.resetText':
    'Wählen Sie innerhalb von {minutes, plural, one {# Minute} other {# Minuten}} ein neues Passwort: {url}\n\nWenn Sie nicht darum gebeten haben, hat sich nichts geändert und Sie müssen nichts tun.',
  'mail.email': 'Die E-Mail-Adresse Ihres Kontos bei Carillon',
  'mail.emailText':
    'Bestätigen Sie innerhalb von {minutes, plural, one {# Minute} other {# Minuten}}, dass dies Ihre neue Adresse ist: {url}\n\nWenn Sie nicht darum gebeten haben, hat sich nichts geändert, und Sie müssen nichts tun.',
  'mail.emailTaken':
    'Jemand möchte diese Adresse für sein Konto haben, aber es gibt schon ein Konto mit ihr. Es hat sich nichts geändert. Wenn Sie es waren, melden Sie sich mit dieser Adresse an.',
  'mail.emailAsked':
    'Jemand, der in Ihrem Konto angemeldet ist, möchte ihm eine andere E-Mail-Adresse geben. Noch hat sich nichts geändert.\n\nWenn Sie es nicht waren, wählen Sie jetzt ein neues Passwort; dann ist die Anfrage nichts mehr wert: {url}',
  'mail.emailChanged':
    'Ihr Konto hat jetzt eine andere E-Mail-Adresse. Sie wurde von dort bestätigt; was Carillon Ihnen mitteilt, geht ab jetzt dorthin.\n\nWenn Sie es nicht waren, rufen Sie jetzt die Praxis an. Eine Zeit lang kann niemand anders diese Adresse haben.',

  'calendar.one': 'Termin',
  'calendar.name': 'Termine',
  'calendar.patient': 'Termin mit {name}',
  'calendar.doctor': 'Termin ({name})',
};
