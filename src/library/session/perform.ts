import type { Settlement } from '../broker/queues.js';
import type { Action } from './action.js';
import { call } from './call.js';
import type { Connected, Work } from './connected.js';

export function perform(session: Connected, action: Action, receipt: string | undefined): Work | undefined {
  const { broker, application } = session.services;
  switch (action.kind) {
    case 'publish':
      broker.publish(action.draft);
      return handedOver(broker.delivered(action.draft.address));
    case 'call':
      return {
        turn: call(session, action.request, { receipt, run: () => application.send(action.request) }),
      };
    case 'enqueue':
      return { done: broker.queues.commit([action.draft], []) };
    case 'settle':
      return settle(session, action);
  }
}

/** Its sender has the next turn when everybody was handed it: who publishes to many is slowed, not let pile up. */
function handedOver(turn: Promise<void> | undefined): Work | undefined {
  return turn && { turn };
}

/** What an action asks of the queues. */
export function settlementsOf({ taken, verdict }: SettleAction): Settlement[] {
  if (taken.subscription.request.kind !== 'queue') return [];
  return taken.messages.map((message) => ({ message, verdict, consumer: taken.subscription }));
}

/** Queues forget what is acknowledged, logs note it; topics keep nothing, so there is nothing to settle in them. */
function settle(session: Connected, action: SettleAction): Work | undefined {
  const { queues } = session.services.broker;
  const settlements = settlementsOf(action);
  action.taken.subscription.settled(action.taken.messages);
  const done = settlements.length > 0 ? queues.commit([], settlements) : acknowledge(session, action);
  session.subscriptions.capacityFreed();
  return done && { done };
}

/** An ACK on a logged address; a NACK there only frees the message's place, since the cursor brings it again. */
export function acknowledge(session: Connected, { taken, verdict }: SettleAction): Promise<void> | undefined {
  const { feeds } = session.services.broker;
  const { address } = taken.subscription.request;
  return verdict === 'ack' ? feeds.delivered(address, taken.messages) : undefined;
}

type SettleAction = Extract<Action, { kind: 'settle' }>;
