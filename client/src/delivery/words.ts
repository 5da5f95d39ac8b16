import type { AlertStory, Delivery, ListedReminder } from '../api/types.js';
import { deviceWords } from '../account/device-words.js';
import type { Happening } from './timeline.js';

type Channel = Delivery['channel'];
type Way = AlertStory['ways'][number];

/** What channels are called. */
export const channelWords: Readonly<Record<Way['channel'], string>> = {
  inApp: 'Page',
  push: 'Push',
  email: 'E-mail',
  sms: 'SMS',
};

/** What became of a delivery, in a word. */
export const stateWords: Readonly<Record<Delivery['state'], string>> = {
  waiting: 'Waiting',
  sent: 'Sent',
  skipped: 'Not needed',
  failed: 'Failed',
};

/** What became of a reminder, in a word. */
export const reminderStateWords: Readonly<Record<ListedReminder['state'], string>> = {
  planned: 'Due',
  sent: 'Sent',
  skipped: 'Skipped',
  withdrawn: 'Withdrawn',
};

const kindWords: Readonly<Record<Delivery['kind'], string>> = {
  'appointment.created': 'Appointment booked',
  'appointment.updated': 'Appointment changed',
  'appointment.rescheduled': 'Appointment moved',
  'appointment.status_changed': 'Appointment’s status',
  'appointment.cancelled': 'Appointment cancelled',
  'appointment.reminder': 'Reminder',
  message: 'Message',
};

/** What an alert is about; no word of what it says. */
export function aboutWords({ kind, isCritical }: Pick<Delivery, 'kind' | 'isCritical'>): string {
  return isCritical ? `${kindWords[kind]}, critical` : kindWords[kind];
}

const reasons: Readonly<Record<string, string>> = {
  seen: 'it was seen before',
  superseded: 'a newer alert stands for it',
  shown: 'a page in front of its reader had shown it',
  switched_off: 'its reader has switched that off',
  quiet_hours: 'quiet hours',
  nowhere: 'there is no device',
  device_removed: 'the device was removed',
  too_late: 'it was too late to be of use',
  pruned: 'the notification is gone',
  timeout: 'no answer in time',
  service_paused: 'the push service didn’t answer, and is left alone for a moment',
  node_stopped: 'the server was stopping',
  private_address: 'the device’s address leads into a private network',
  keys_unusable: 'the device’s keys are unusable',
  unreachable: 'it could not be reached',
  answered_404: 'the device takes no more pushes (404), and was removed',
  answered_410: 'the device takes no more pushes (410), and was removed',
  answered_429: 'too many at once, says the push service (429)',
  missed: 'no server was there in time',
  overtaken: 'a later one was due as well',
  failed: 'it could not be written',
  moved: 'the appointment was moved',
  unwanted: 'its reader chose other times',
  cancelled: 'the appointment was cancelled',
};

/** Why, in words; what we have no words for as it is. */
export function reasonWords(reason: string): string {
  const answered = /^answered_(\d+)$/.exec(reason)?.[1];
  return reasons[reason] ?? (answered === undefined ? reason : `it was answered ${answered}`);
}

/** What happened, in a sentence. @param by the person whose act the alert tells of */
export function happeningWords(one: Happening, by: string | null): string {
  switch (one.what) {
    case 'due':
      return `The reminder was due, ${lengthWords(one.offsetMinutes)} before the start`;
    case 'written':
      return by === null ? 'Written into the inbox' : `${by} made the change; written into the inbox`;
    case 'delivered':
      return 'Arrived in an open page or app';
    case 'seen':
      return 'Seen';
    case 'read':
      return 'Read';
    case 'superseded':
      return 'A newer alert stands for it from then on';
    case 'archived':
      return 'Archived';
    case 'next':
      return `${channelAt(one)}: to be sent, unless it is seen before`;
    case 'step':
      return stepWords(one);
  }
}

function stepWords(one: Extract<Happening, { what: 'step' }>): string {
  const { step, channel, device } = one;
  const why = one.reason === undefined ? '' : `: ${reasonWords(one.reason)}`;
  const by = device === undefined ? '' : ` (${deviceWords(device)})`;
  switch (step) {
    case 'planned':
      return `${channelWords[channel]} planned, unless it is seen before`;
    case 'held':
      return `${channelAt(one)} held back${why}`;
    case 'tried':
      return `${channelAt(one)} failed, to be tried again${why}`;
    case 'postponed':
      return `${channelAt(one)} postponed${why}`;
    case 'sent':
      return `${channelAt(one)}: sent`;
    case 'skipped':
      return `${channelAt(one)} not sent${why}${by}`;
    case 'failed':
      return `${channelAt(one)} failed${why}`;
  }
}

function channelAt({
  channel,
  target,
}: {
  readonly channel: Channel;
  readonly target: string | null;
}): string {
  return target === null || target === channelWords[channel]
    ? channelWords[channel]
    : `${channelWords[channel]} to ${target}`;
}

/** Why an alert took no delivery on a channel; undefined where it did, or nothing speaks against it now. */
export function wayWords({ channel, reason }: Way): string | undefined {
  const name = channelWords[channel];
  switch (reason) {
    case null:
      return undefined;
    case 'own_act':
      return `${name}: not planned, since it was the reader’s own act`;
    case 'no_channel':
      return `${name}: this clinic doesn’t have it`;
    case 'switched_off':
      return channel === 'inApp'
        ? 'Page: no toast and no sound, as its reader wishes now'
        : `${name}: its reader has it switched off now for this kind`;
    case 'nowhere':
      return `${name}: its reader has no device that takes pushes now`;
    case 'too_late':
      return `${name}: it would have come after the start`;
  }
}

/** In one sentence, whether its reader heard of it. */
export function verdictWords({ alert, deliveries }: AlertStory): string {
  if (alert.seenAt !== null) return 'It was seen.';
  if (alert.readAt !== null) return 'A newer alert stands for it; this one was never seen.';
  const waits = deliveries.some(({ state }) => state === 'waiting') ? ' More is to be sent.' : '';
  if (alert.deliveredAt !== null)
    return `It arrived in an open page or app, and wasn’t seen there yet.${waits}`;
  if (deliveries.some(({ state }) => state === 'sent'))
    return `It arrived in no open page. It was sent outside the page, and wasn’t seen yet.${waits}`;
  return `It has reached nobody yet: it arrived in no open page, and nothing was sent outside the page.${waits}`;
}

/** "24 h", "90 min". */
export function lengthWords(minutes: number): string {
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`;
}
