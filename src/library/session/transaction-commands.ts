import { ownerOf } from '../broker/slices.js';
import { checkName, receiptOf, required, type Frame } from '../stomp/frame.js';
import type { Connected } from './connected.js';
import { perform } from './perform.js';
import { acknowledge, settlementsOf } from './settlement.js';
import type { Action, ToldFailure, Work } from './work.js';

/** STOMP 1.2, BEGIN. */
export function begin(session: Connected, frame: Frame): Work {
  const name = required(frame, 'transaction');
  session.transactions.begin(checkName(name, 'transaction', session.services.limits));
  return 'done';
}

/** STOMP 1.2, ABORT: what was held is forgotten; what was to be settled is unsettled again. */
export function abort(session: Connected, frame: Frame): Work {
  const ended = session.transactions.end(required(frame, 'transaction'));
  for (const action of ended.held) {
    if (action.kind === 'settle') action.taken.subscription.putBack(action.taken.messages);
  }
  session.transactions.forget(ended);
  return 'done';
}

/** STOMP 1.2, COMMIT: queues all or nothing, then topics and methods in order. Its answer is the answer to all of it. */
export function commit(session: Connected, frame: Frame): Work {
  const { transactions } = session;
  const ended = transactions.end(required(frame, 'transaction'));
  const turn = performAll(session, ended.held, receiptOf(frame)).finally(() => transactions.forget(ended));
  return { turn };
}

/** @param receipt of COMMIT: what a method that fails is told with, since the held frame has had its own */
async function performAll(
  session: Connected,
  held: readonly Action[],
  receipt: string | undefined,
): Promise<void | ToldFailure> {
  const { queues, slices } = session.services.broker;
  const drafts = held.flatMap((action) => (action.kind === 'enqueue' ? action.draft : []));
  const settlements = held.flatMap((action) => (action.kind === 'settle' ? settlementsOf(action) : []));
  for (const action of held) {
    if (action.kind === 'settle') action.taken.subscription.settled(action.taken.messages);
  }
  if (drafts.length + settlements.length > 0) await queues.commit(drafts, settlements);
  if (held.length > 0) session.subscriptions.capacityFreed();

  let outcome: void | ToldFailure = undefined;
  for (const action of held) {
    // Others have theirs between the parts of a long transaction.
    const done = await slices.inTurn(ownerOf(session.user.name), () => performRest(session, action, receipt));
    outcome = done ?? outcome;
  }
  return outcome;
}

/** What isn't of queues, and so not part of the atomicity. */
function performRest(
  session: Connected,
  action: Action,
  receipt: string | undefined,
): Promise<void | ToldFailure> | undefined {
  if (action.kind === 'settle') return acknowledge(session.services.broker, action);
  if (action.kind === 'enqueue') return undefined;
  const work = perform(session, action, receipt);
  if (typeof work !== 'object') return undefined;
  // What a topic keeps is done when it is stored.
  if ('stored' in work) return work.stored;
  return 'turn' in work ? work.turn : undefined;
}
