import type { AlertStory } from '../api/types.js';

type Step = AlertStory['deliveries'][number]['steps'][number];
type Channel = AlertStory['deliveries'][number]['channel'];

/** What happened to an alert at one moment. */
export type Happening = { readonly at: string } & (
  | { readonly what: 'written' | 'delivered' | 'seen' | 'superseded' | 'read' | 'archived' }
  /** The time that a reminder was planned for. */
  | { readonly what: 'due'; readonly offsetMinutes: number }
  | {
      readonly what: 'step';
      readonly channel: Channel;
      /** The device or mailbox; null before it was known. */
      readonly target: string | null;
      readonly step: Step['step'];
      readonly reason: string | undefined;
      /** Of `shown`: what the browser calls itself. */
      readonly device: string | undefined;
    }
  /** To come. */
  | { readonly what: 'next'; readonly channel: Channel; readonly target: string | null }
);

/** An alert's story in the order in which it happened; what is to come stands last. */
export function timelineOf({ alert, deliveries }: AlertStory): readonly Happening[] {
  const { createdAt, deliveredAt, seenAt, readAt, archivedAt, startsAt, offsetMinutes } = alert;
  const happened: Happening[] = [];
  if (startsAt !== null && offsetMinutes !== null) {
    const at = new Date(Date.parse(startsAt) - offsetMinutes * 60_000).toISOString();
    happened.push({ what: 'due', at, offsetMinutes });
  }
  happened.push({ what: 'written', at: createdAt });
  if (deliveredAt !== null) happened.push({ what: 'delivered', at: deliveredAt });
  if (seenAt !== null) happened.push({ what: 'seen', at: seenAt });
  // What was read, and never seen, was read by the coming of a newer one.
  if (readAt !== null && readAt !== seenAt)
    happened.push({ what: seenAt === null ? 'superseded' : 'read', at: readAt });
  if (archivedAt !== null) happened.push({ what: 'archived', at: archivedAt });
  const planned = new Set<Channel>();
  for (const { channel, target, steps } of deliveries)
    for (const { at, step, reason, device } of steps) {
      // Each device has its own delivery from when it was due; that a channel was planned is said once.
      if (step === 'planned' && planned.has(channel)) continue;
      if (step === 'planned') planned.add(channel);
      happened.push({
        ...{ what: 'step', at, channel, step, reason, device },
        target: step === 'planned' ? null : target,
      });
    }
  const inOrder = happened.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const next = deliveries
    .filter(({ state }) => state === 'waiting')
    .map(({ channel, target, dueAt }) => ({ what: 'next', at: dueAt, channel, target }) as const);
  return [...inOrder, ...next.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))];
}
