import type { Notification, Preferences } from '../api/types.js';
import { isQuiet } from '../preferences/quiet.js';

/** What a page does for an alert that rings now. */
export interface Ringing {
  readonly toast: boolean;
  readonly sound: boolean;
  /** A notice of the operating system, where the page isn't in view. */
  readonly notice: boolean;
}

const dayMs = 24 * 3_600_000;

/**
 * By the user's preferences; until they are known, the page shows it and keeps still. Of what they did themselves nothing
 * rings.
 * @param now ms since the epoch
 */
export function ringingOf(
  notification: Notification,
  preferences: Preferences | undefined,
  ownId: number,
  now: number,
): Ringing {
  if (notification.data['by'] === ownId) return { toast: false, sound: false, notice: false };
  if (!preferences) return { toast: true, sound: false, notice: false };
  if (isCritical(notification, now)) return { toast: true, sound: preferences.sound, notice: true };
  const { inApp, push } = preferences.kinds[kindOf(notification, preferences)];
  const isStill = isQuiet(preferences.quietHours, now);
  return { toast: inApp, sound: inApp && preferences.sound && !isStill, notice: push && !isStill };
}

/** A cancellation within a day: a patient who hears of it too late stands before a closed door. */
function isCritical({ type, data }: Notification, now: number): boolean {
  const startsAt = typeof data['startsAt'] === 'string' ? Date.parse(data['startsAt']) : Number.NaN;
  return type === 'appointment.cancelled' && startsAt > now && startsAt - now <= dayMs;
}

function kindOf({ type }: Notification, { kinds }: Preferences): keyof Preferences['kinds'] {
  return type in kinds ? (type as keyof Preferences['kinds']) : 'message';
}
