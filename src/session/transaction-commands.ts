import type { Frame } from '../stomp/frame.js';
import type { Action } from './action.js';
import type { Connected, Work } from './connected.js';
import { required } from './header.js';
import { acknowledge, perform, settlementsOf } from './perform.js';
import type { Held } from './transactions.js';

/** STOMP 1.2, SEND, ACK, NACK: with the header `transaction` they are part of it, and done at COMMIT. */
export function performOrHold(session: Connected, frame: Frame, action: Action): Work | undefined {
  const receipt = frame.headers.get('receipt');
  const transaction = frame.headers.get('transaction');
  if (transaction === undefined) return perform(session, action, receipt);
  session.transactions.hold(transaction, { action, receipt }, sizeOf(frame));
  return { isHeld: true };
}

/** STOMP 1.2, BEGIN. */
export function begin(session: Connected, frame: Frame): undefined {
  session.transactions.begin(required(frame, 'transaction'));
}

/** STOMP 1.2, ABORT: what was held is forgotten, its receipts with it; what was to be settled is unsettled again. */
export function abort(session: Connected, frame: Frame): undefined {
  for (const { action } of session.transactions.end(required(frame, 'transaction'))) {
    if (action.kind === 'settle') action.taken.subscription.putBack(action.taken.messages);
  }
}

/** STOMP 1.2, COMMIT: queues all or nothing, then topics and methods in order; the held receipts come before its own. */
export function commit(session: Connected, frame: Frame): Work {
  const held = session.transactions.end(required(frame, 'transaction'));
  const releases: string[] = [];
  return { turn: performAll(session, held, releases), releases };
}

async function performAll(session: Connected, held: readonly Held[], releases: string[]): Promise<void> {
  const { queues } = session.services.broker;
  const drafts = held.flatMap(({ action }) => (action.kind === 'enqueue' ? action.draft : []));
  const settlements = held.flatMap(({ action }) => (action.kind === 'settle' ? settlementsOf(action) : []));
  for (const { action } of held) {
    if (action.kind === 'settle') action.taken.subscription.settled(action.taken.messages);
  }
  if (drafts.length + settlements.length > 0) await queues.commit(drafts, settlements);
  if (held.length > 0) session.subscriptions.roomMade();

  for (const { action, receipt } of held) {
    const told = await performRest(session, action, receipt);
    if (receipt !== undefined && told !== 'told') releases.push(receipt);
  }
}

/** What isn't of queues, and so not part of the atomicity. */
function performRest(session: Connected, action: Action, receipt: string | undefined): Work['turn'] {
  if (action.kind === 'settle') return acknowledge(session, action);
  return action.kind === 'enqueue' ? undefined : perform(session, action, receipt)?.turn;
}

function sizeOf({ headers, body }: Frame): number {
  let bytes = body.length;
  // At least two bytes a character in memory, whatever they were on the wire.
  for (const [name, value] of headers) bytes += 2 * (name.length + value.length);
  return bytes;
}
