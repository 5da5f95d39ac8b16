import { createHash } from 'node:crypto';
import type { EntryDraft } from '../../library/inbox/entry.js';
import type { Limits } from '../limits.js';
import { kindOf, type AlertKind } from '../preferences/alert-kinds.js';
import type { Preferences } from '../preferences/preferences.js';
import type { OutsideChannel } from './channel.js';

/** What a notification asks of the channels outside the page. */
export interface Alert {
  readonly kind: AlertKind;
  /** It goes up the ladder until it is seen, through quiet hours and past switches. */
  readonly isCritical: boolean;
  /** Its reader did it: their other devices show it, and nothing rings. */
  readonly isOwnAct: boolean;
  readonly expiresAt: Date;
  readonly topic: string | null;
}

type AlertLimits = Pick<Limits, 'criticalWithinMs' | 'alertUsefulMs'>;

/** @param draft `data.startsAt` is the start of the appointment, `data.by` the id of who changed it */
export function alertOf(
  { owner, type, data, supersedeKey }: Pick<EntryDraft, 'owner' | 'type' | 'data' | 'supersedeKey'>,
  now: Date,
  { criticalWithinMs, alertUsefulMs }: AlertLimits,
): Alert {
  const startsAt = typeof data['startsAt'] === 'string' ? Date.parse(data['startsAt']) : Number.NaN;
  const isToCome = startsAt > now.getTime();
  return {
    kind: kindOf(type),
    isCritical: type === 'appointment.cancelled' && isToCome && startsAt - now.getTime() <= criticalWithinMs,
    isOwnAct: data['by'] === owner,
    expiresAt: new Date(isToCome ? startsAt : now.getTime() + alertUsefulMs),
    topic: supersedeKey === undefined ? null : topicOf(supersedeKey),
  };
}

/** When an alert is to go out on a channel. */
export interface Planned {
  readonly channel: OutsideChannel;
  /** Unless it is seen before. */
  readonly dueAt: Date;
}

/** The times of the ladder, and of what is no step of it. */
export type LadderLimits = Pick<
  Limits,
  'pushAfterMs' | 'emailAfterMs' | 'criticalPushMs' | 'criticalEmailMs'
>;

/** On which of the channels, by which somebody can be reached, an alert is to go out, and when. */
export function plannedFor(
  { kind, isCritical, isOwnAct, expiresAt }: Alert,
  { kinds }: Pick<Preferences, 'kinds'>,
  reachable: readonly OutsideChannel[],
  now: Date,
  limits: LadderLimits,
): Planned[] {
  if (isOwnAct) return [];
  return reachable
    .filter((channel) => isCritical || kinds[kind][channel])
    .map((channel) => ({ channel, dueAt: new Date(now.getTime() + delayOf(channel, isCritical, limits)) }))
    .filter(({ dueAt }) => dueAt < expiresAt);
}

/** SMS stands on the same step as e-mail. */
function delayOf(channel: OutsideChannel, isCritical: boolean, limits: LadderLimits): number {
  if (channel === 'push') return isCritical ? limits.criticalPushMs : limits.pushAfterMs;
  return isCritical ? limits.criticalEmailMs : limits.emailAfterMs;
}

/** RFC 8030, 5.4: no more than 32 characters of base64url. */
function topicOf(supersedeKey: string): string {
  return createHash('sha256').update(supersedeKey).digest('base64url').slice(0, 32);
}
