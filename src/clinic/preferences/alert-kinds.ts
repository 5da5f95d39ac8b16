/** What a person is told of, as the preferences tell kinds apart. */
export const alertKinds = [
  'appointment.created',
  'appointment.updated',
  'appointment.rescheduled',
  'appointment.status_changed',
  'appointment.cancelled',
  'appointment.reminder',
  'message',
] as const;

/** A kind of alert that a person may choose channels for. */
export type AlertKind = (typeof alertKinds)[number];

/** The ways to a person. `inApp` is the toast and its sound: the list of notifications has everything, always. */
export const channels = ['inApp', 'push', 'email', 'sms'] as const;

/** A way by which an alert reaches a person. */
export type Channel = (typeof channels)[number];

/** The row of the preferences that a notification's type falls under: what has no row of its own is a message. */
export function kindOf(type: string): AlertKind {
  return alertKinds.find((kind) => kind === type) ?? 'message';
}
