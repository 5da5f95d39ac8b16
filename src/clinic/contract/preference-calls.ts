import * as preferences from '../preferences/schemas.js';
import * as delivery from '../delivery/schemas.js';
import type { Examples, Operations } from './operation.js';

/** What is sent, by name. */
export const bodies = {
  PreferencesChange: preferences.preferencesChangeSchema,
  NewDevice: delivery.deviceSchema,
  ShownNotifications: delivery.shownSchema,
};

/** They can be sent as they are, signed in as one of the demo's people. */
export const examples: Examples<typeof bodies> = {
  PreferencesChange: {
    kinds: { 'appointment.created': { email: true } },
    reminderOffsets: [1_440, 120],
    quietHours: { from: '22:00', to: '07:00', zone: 'Europe/Berlin' },
  },
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
};

/** What a person wants to hear, where, and what became of it. */
export const preferenceCalls: Operations<keyof typeof bodies> = {
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
};
