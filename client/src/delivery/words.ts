import type { AlertStory, Delivery, ListedReminder } from '../api/types.js';
import { deviceWords } from '../account/device-words.js';
import { has, say } from '../words/words.js';
import type { Happening } from './timeline.js';

type Channel = Delivery['channel'];
type Way = AlertStory['ways'][number];

/** What a channel is called. */
export function channelWords(channel: Way['channel']): string {
  return say(`delivery.channel.${channel}`);
}

/** What a channel is called, and the device where one is known. */
export function targetWords(channel: Channel, target: string | null): string {
  const name = channelWords(channel);
  // A mailbox has no name of its own.
  return target === null || channel === 'email' ? name : say('delivery.to', { channel: name, target });
}

/** What became of a delivery, in a word. */
export function stateWords(state: Delivery['state']): string {
  return say(`delivery.is.${state}`);
}

/** What became of a reminder, in a word. */
export function reminderStateWords(state: ListedReminder['state']): string {
  return say(`delivery.reminder.${state}`);
}

/** What an alert is about; no word of what it says. */
export function aboutWords({ kind, isCritical }: Pick<Delivery, 'kind' | 'isCritical'>): string {
  const about = say(`delivery.kind.${kind}`);
  return isCritical ? say('delivery.critical', { about }) : about;
}

/** Why, in words; what we have no words for as it is. */
export function reasonWords(reason: string): string {
  const known = has(`delivery.reason.${reason}`);
  if (known) return say(known);
  const status = /^answered_(\d+)$/.exec(reason)?.[1];
  return status === undefined ? reason : say('delivery.answered', { status });
}

/** What happened, in a sentence. @param by the person whose act the alert tells of */
export function happeningWords(one: Happening, by: string | null): string {
  switch (one.what) {
    case 'due':
      return say('delivery.due', { length: lengthWords(one.offsetMinutes) });
    case 'written':
      return by === null ? say('delivery.written') : say('delivery.writtenBy', { name: by });
    case 'next':
      return say('delivery.next', { channel: targetWords(one.channel, one.target) });
    case 'step':
      return stepWords(one);
    default:
      return say(`delivery.what.${one.what}`);
  }
}

function stepWords({ step, channel, target, reason, device }: Extract<Happening, { what: 'step' }>): string {
  const by = device === undefined ? '' : ` (${deviceWords(device)})`;
  const why = reason === undefined ? '' : `: ${reasonWords(reason)}${by}`;
  return say(`delivery.step.${step}`, { channel: targetWords(channel, target), why });
}

/** Why an alert took no delivery on a channel; undefined where it did, or nothing speaks against it now. */
export function wayWords({ channel, reason }: Way): string | undefined {
  return reason === null ? undefined : say(`delivery.way.${reason}`, { channel: channelWords(channel) });
}

/** In one sentence, whether its reader heard of it. */
export function verdictWords({ alert, deliveries }: AlertStory): string {
  if (alert.seenAt !== null) return say('delivery.verdict.seen');
  if (alert.readAt !== null) return say('delivery.verdict.superseded');
  const isSent = deliveries.some(({ state }) => state === 'sent');
  const verdict = say(
    `delivery.verdict.${alert.deliveredAt !== null ? 'arrived' : isSent ? 'sent' : 'nobody'}`,
  );
  const isMore = deliveries.some(({ state }) => state === 'waiting');
  return isMore ? say('delivery.verdict.more', { verdict }) : verdict;
}

/** "24 h", "90 min". */
export function lengthWords(minutes: number): string {
  return minutes % 60 === 0
    ? say('delivery.hours', { hours: minutes / 60 })
    : say('delivery.minutes', { minutes });
}
