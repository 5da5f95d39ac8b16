import { describe, expect, it } from 'vitest';
import type { Notification, Preferences } from '../api/types.js';
import { defaultPreferences as preferencesOf } from '../../../src/clinic/preferences/preferences.js';
import { ringingOf } from './ringing.js';

const defaultPreferences = preferencesOf('patient');
const now = Date.parse('2026-01-10T23:00:00Z');
const soon = '2026-01-11T08:00:00Z';
const night = { from: '22:00', to: '07:00', zone: 'UTC' };
const allOff = { inApp: false, push: false, email: false, sms: false };

function ringing(type: string, data: object, wishes: Partial<Preferences> = {}) {
  const notification = { id: 1, type, data } as unknown as Notification;
  return ringingOf(notification, { ...defaultPreferences, ...wishes }, 7, now);
}

describe('an alert', () => {
  it.each<[string, string, object, Partial<Preferences>, object]>([
    ['by default', 'message', {}, {}, { toast: true, sound: true, notice: true }],
    ['of the own act', 'message', { by: 7 }, {}, { toast: false, sound: false, notice: false }],
    ['at night', 'message', {}, { quietHours: night }, { toast: true, sound: false, notice: false }],
    ['without sound', 'message', {}, { sound: false }, { toast: true, sound: false, notice: true }],
    [
      'of a kind that is off',
      'new_email',
      {},
      { kinds: { ...defaultPreferences.kinds, message: allOff } },
      { toast: false, sound: false, notice: false },
    ],
    [
      'that is critical, at night',
      'appointment.cancelled',
      { startsAt: soon },
      { quietHours: night },
      { toast: true, sound: true, notice: true },
    ],
  ])('%s', (_, type, data, wishes, expected) => {
    expect(ringing(type, data, wishes)).toEqual(expected);
  });

  it('is shown and silent before the preferences are known', () => {
    const notification = { id: 1, type: 'message', data: {} } as unknown as Notification;

    expect(ringingOf(notification, undefined, 7, now)).toEqual({ toast: true, sound: false, notice: false });
  });
});
