import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { defaultPreferences } from '../../src/clinic/preferences/preferences.js';
import {
  PreferencesService,
  type ChangedPreferences,
} from '../../src/clinic/preferences/preferences.service.js';
import { ask, newPatient, openClinic, problemOf, type Answer, type Clinic, type Login } from './clinic.js';

let clinic: Clinic;
let patient: Login;

beforeAll(async () => {
  clinic = await openClinic();
});
afterAll(() => clinic.close());
beforeEach(async () => {
  patient = await newPatient(clinic);
});

describe('preferences', () => {
  it('are the defaults of who has changed nothing', async () => {
    const { status, body } = await find();

    expect({ status, body }).toEqual({ status: 200, body: defaultPreferences('patient') });
  });

  it('change where something is given, and stay where nothing is', async () => {
    await change({ sound: false, kinds: { 'appointment.created': { push: false } } });

    const { status, body } = await change({
      kinds: { 'appointment.created': { email: true }, message: { inApp: false } },
      quietHours: { from: '22:00', to: '06:30', zone: 'America/New_York' },
    });

    const expected = {
      ...defaultPreferences('patient'),
      sound: false,
      quietHours: { from: '22:00', to: '06:30', zone: 'America/New_York' },
      kinds: {
        ...defaultPreferences('patient').kinds,
        'appointment.created': { inApp: true, push: false, email: true, sms: false },
        message: { ...defaultPreferences('patient').kinds.message, inApp: false },
      },
    };
    expect({ status, body }).toEqual({ status: 200, body: expected });
    expect((await find()).body).toEqual(expected);
  });

  it('are each person’s own', async () => {
    await change({ sound: false });

    const other = await newPatient(clinic);

    const { body } = await ask(`${clinic.url}/api/preferences`, { token: other.token });
    expect(body).toEqual(defaultPreferences('patient'));
  });

  it('have reminders without repetition, the earliest first, or none', async () => {
    const { body: some } = await change({ reminderOffsets: [60, 2_880, 60] });
    const { body: none } = await change({ reminderOffsets: [] });

    expect([some['reminderOffsets'], none['reminderOffsets']]).toEqual([[2_880, 60], []]);
  });

  it('have a language, which can be taken back', async () => {
    const { body: german } = await change({ language: 'de' });
    const { body: still } = await change({ sound: false });
    const { body: none } = await change({ language: null });

    expect([german['language'], still['language'], none['language']]).toEqual(['de', 'de', null]);
  });

  it('lose nothing of two changes at once', async () => {
    await Promise.all([change({ sound: false }), change({ keys: false })]);

    expect((await find()).body).toMatchObject({ sound: false, keys: false });
  });

  it.each([
    ['a zone that doesn’t exist', { quietHours: { from: '22:00', to: '07:00', zone: 'Europe/Atlantis' } }],
    ['an offset for a zone', { quietHours: { from: '22:00', to: '07:00', zone: '+01:00' } }],
    ['no hour of the day', { quietHours: { from: '24:00', to: '07:00', zone: 'UTC' } }],
    ['hours of no length', { quietHours: { from: '07:00', to: '07:00', zone: 'UTC' } }],
    ['a reminder a year before', { reminderOffsets: [525_600] }],
    ['a reminder after the start', { reminderOffsets: [-5] }],
    ['six reminders', { reminderOffsets: [10, 20, 30, 40, 50, 60] }],
    ['a kind that nobody is told of', { kinds: { 'appointment.burnt': { push: true } } }],
    ['a language that nobody speaks here', { language: 'tlh' }],
    ['a detail that isn’t one', { noticeDetail: 'some' }],
  ])('refuse %s, and stay as they are', async (_, wrong) => {
    const answer = await change(wrong);

    expect(problemOf(answer)).toEqual({ status: 400, code: 'invalid_request' });
    expect((await find()).body).toEqual(defaultPreferences('patient'));
  });

  it('tell rooms of a change in its transaction', async () => {
    const heard: ChangedPreferences[] = [];
    clinic.application.get(PreferencesService).onChange((tx, changed) => {
      heard.push(changed);
      if (!tx.hasChanges) throw new Error('This is before the change');
      return Promise.resolve();
    });

    await change({ reminderOffsets: [30] });

    expect(heard).toEqual([
      {
        userId: patient.user.id,
        before: defaultPreferences('patient'),
        after: { ...defaultPreferences('patient'), reminderOffsets: [30] },
      },
    ]);
  });
});

function find(): Promise<Answer> {
  return ask(`${clinic.url}/api/preferences`, { token: patient.token });
}

function change(body: object): Promise<Answer> {
  return ask(`${clinic.url}/api/preferences`, { token: patient.token, method: 'PATCH', body });
}
