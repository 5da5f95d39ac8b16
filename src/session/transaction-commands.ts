import type { Frame } from '../stomp/frame.js';
import { perform } from './action.js';
import type { Connected, Work } from './connected.js';
import { required } from './header.js';
import type { Held } from './transactions.js';

/** STOMP 1.2, BEGIN. */
export function begin(session: Connected, frame: Frame): undefined {
  session.transactions.begin(required(frame, 'transaction'));
}

/** STOMP 1.2, ABORT: what was held is forgotten, its receipts with it. */
export function abort(session: Connected, frame: Frame): undefined {
  session.transactions.end(required(frame, 'transaction'));
}

/** STOMP 1.2, COMMIT: what was held is done in order, and its receipts come before COMMIT's own. */
export function commit(session: Connected, frame: Frame): Work {
  const held = session.transactions.end(required(frame, 'transaction'));
  const releases: string[] = [];
  return { turn: performAll(session, held, releases), releases };
}

async function performAll(session: Connected, held: readonly Held[], releases: string[]): Promise<void> {
  for (const { action, receipt } of held) {
    const told = await perform(session, action, receipt)?.turn;
    if (receipt !== undefined && told !== 'told') releases.push(receipt);
  }
}
