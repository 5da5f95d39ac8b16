import type { Entry } from '../../library/inbox/entry.js';
import type { Preferences } from '../preferences/preferences.js';
import { quietUntil } from '../preferences/quiet-hours.js';
import type { Delivery } from './delivery-table.js';

/** What is to be done with a delivery that is due. */
export type DeliveryDecision =
  | { readonly do: 'send'; readonly entry: Entry }
  | { readonly do: 'skip'; readonly reason: SkipReason }
  | { readonly do: 'hold'; readonly until: Date };

/** Why a delivery isn't sent. */
export type SkipReason =
  /** Its reader saw it, or put it away, on some device. */
  | 'seen'
  /** A newer one stands for it. */
  | 'superseded'
  /** The notification is gone. */
  | 'pruned'
  | 'too_late'
  /** By its reader, after it was planned. */
  | 'switched_off'
  /** A page that is in front of its reader has shown it. */
  | 'shown'
  /** There is no device, or no address. */
  | 'nowhere'
  | 'device_removed';

/** Looks again, since much may have happened since it was planned. */
export function judge(
  { channel, kind, isCritical, expiresAt }: Pick<Delivery, 'channel' | 'kind' | 'isCritical' | 'expiresAt'>,
  entry: Entry | undefined,
  { kinds, quietHours }: Pick<Preferences, 'kinds' | 'quietHours'>,
  now: Date,
): DeliveryDecision {
  if (!entry) return { do: 'skip', reason: 'pruned' };
  if (entry.seenAt !== null || entry.archivedAt !== null) return { do: 'skip', reason: 'seen' };
  if (entry.readAt !== null) return { do: 'skip', reason: 'superseded' };
  if (now >= expiresAt) return { do: 'skip', reason: 'too_late' };
  if (isCritical) return { do: 'send', entry };
  if (!kinds[kind][channel]) return { do: 'skip', reason: 'switched_off' };
  const until = quietHours === null ? undefined : quietUntil(quietHours, now);
  return until === undefined ? { do: 'send', entry } : { do: 'hold', until };
}
