import type { Broker } from '../broker/broker.js';
import type { Settlement } from '../broker/queues.js';
import type { Taken } from './subscription-table.js';

/** Messages that a client has settled, and how. */
export interface Settling {
  readonly taken: Taken;
  readonly outcome: Settlement['outcome'];
}

/** What queues are told of it; empty for other addresses. */
export function settlementsOf({ taken, outcome }: Settling): Settlement[] {
  if (taken.subscription.request.kind !== 'queue') return [];
  return taken.messages.map((message) => ({ message, outcome, consumer: taken.subscription }));
}

/** An ACK on a logged address; a NACK there only frees the message's place, since the cursor brings it again. */
export function acknowledge({ feeds }: Broker, { taken, outcome }: Settling): Promise<void> | undefined {
  const { address } = taken.subscription.request;
  return outcome === 'ack'
    ? feeds.delivered(address, taken.messages, taken.subscription.owner.user.name)
    : undefined;
}
