import { weightOf } from '../broker/message.js';
import { receiptOf, type Frame } from '../stomp/frame.js';
import { call } from './call.js';
import type { Connected } from './connected.js';
import type { Action, Work } from './work.js';

/**
 * STOMP 1.2, SEND, ACK, NACK: with the header `transaction` they are part of it, and done at COMMIT. A RECEIPT of such a
 * frame comes in its turn, for clients wait for it before they COMMIT: it says that the frame was checked and is held.
 */
export function performOrHold(session: Connected, frame: Frame, action: Action): Work {
  const transaction = frame.headers.get('transaction');
  // A transaction ends with its session.
  if (transaction !== undefined && session.client.hasLeft) return 'done';
  if (transaction === undefined) return perform(session, action, receiptOf(frame));
  if ('draft' in action) session.services.broker.check(action.draft);
  session.transactions.hold(transaction, action, weightOf(frame));
  return 'done';
}

/**
 * Does what a command decided on.
 * @param receipt the `receipt` of its frame
 */
export function perform(session: Connected, action: Action, receipt: string | undefined): Work {
  const { broker, application } = session.services;
  switch (action.kind) {
    case 'publish': {
      const kept = broker.keep(action.draft);
      if (kept) return { stored: kept };
      broker.publish(action.draft);
      return handedOver(broker.delivered(action.draft.address), broker.room());
    }
    case 'call':
      return {
        turn: call(session, action.request, { receipt, run: () => application.send(action.request) }),
      };
    case 'enqueue':
      return { stored: broker.queues.commit([action.draft], []) };
    case 'settle':
      return stored(session.settle(action));
  }
}

/**
 * Its sender has the next turn when everybody was handed it and the relay has room: a client that publishes much is
 * slowed, and nothing piles up.
 */
function handedOver(delivered: Promise<void> | undefined, room: Promise<void> | undefined): Work {
  if (delivered && room) return { turn: Promise.all([delivered, room]).then(() => undefined) };
  const turn = delivered ?? room;
  return turn ? { turn } : 'done';
}

function stored(promise: Promise<void> | undefined): Work {
  return promise ? { stored: promise } : 'done';
}
