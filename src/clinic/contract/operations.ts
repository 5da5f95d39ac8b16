import * as appointments from './appointment-calls.js';
import * as conversations from './conversation-calls.js';
import * as notifications from './notification-calls.js';
import type { Examples, Operations, OperationWith } from './operation.js';
import * as preferences from './preference-calls.js';
import { processCalls } from './process-calls.js';
import * as signingIn from './signing-in-calls.js';

/** One call of the REST API. */
export type Operation = OperationWith<keyof typeof bodies>;

/** The shapes of all bodies that the API takes, by name. */
export const bodies = {
  ...signingIn.bodies,
  ...appointments.bodies,
  ...notifications.bodies,
  ...preferences.bodies,
  ...conversations.bodies,
};

/** They can be sent as they are, signed in as one of the demo's people. */
export const examples: Examples<typeof bodies> = {
  ...signingIn.examples,
  ...appointments.examples,
  ...notifications.examples,
  ...preferences.examples,
  ...conversations.examples,
};

/** Every call, by the section that it stands in and its name. */
export const operations: Readonly<Record<string, Operations<keyof typeof bodies>>> = {
  'Signing in': signingIn.signingInCalls,
  Appointments: appointments.appointmentCalls,
  Notifications: notifications.notificationCalls,
  Preferences: preferences.preferenceCalls,
  Conversations: conversations.conversationCalls,
  'Conversations, at the paths of the casting platform': conversations.castingCalls,
  'Server-Sent Events': notifications.streamCalls,
  'The process': processCalls,
};
