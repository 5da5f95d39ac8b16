import { Refusal } from '../errors.js';
import { required, type Frame } from '../stomp/frame.js';
import { trimmed } from '../stomp/header.js';
import type { Settlement } from '../broker/queues.js';
import type { Connected } from './connected.js';
import { performOrHold } from './perform.js';
import type { Work } from './work.js';

/** STOMP 1.2, ACK. */
export function ack(session: Connected, frame: Frame): Work {
  return settle(session, frame, 'ack');
}

/** STOMP 1.2, NACK: a queue's message comes again, to another consumer where there is one; with `requeue:false` never. */
export function nack(session: Connected, frame: Frame): Work {
  return settle(session, frame, isRequeued(frame) ? 'nack' : 'reject');
}

/** RabbitMQ's header. Where there is no dead-letter queue it changes nothing. */
function isRequeued({ headers }: Frame): boolean {
  const requeue = trimmed(headers.get('requeue') ?? 'true');
  if (requeue === 'true' || requeue === 'false') return requeue === 'true';
  throw new Refusal('invalid_header', 'The header requeue is true or false.');
}

function settle(session: Connected, frame: Frame, outcome: Settlement['outcome']): Work {
  const taken = session.subscriptions.take(namedBy(session, frame));
  if (!taken)
    throw new Refusal('unknown_ack', 'No unsettled message of that id; it may have been settled before.');
  return performOrHold(session, frame, { kind: 'settle', taken, outcome });
}

/** `id` is the MESSAGE's `ack`; before 1.2 it is message-id, in 1.1 with subscription. */
function namedBy(
  session: Connected,
  frame: Frame,
): { ack: string } | { messageId: string; id: string | undefined } {
  if (session.version === '1.2') return { ack: required(frame, 'id') };
  const messageId = required(frame, 'message-id');
  if (session.version === '1.1') return { messageId, id: required(frame, 'subscription') };
  // 1.0 has no such header in ACK: where it names no subscription, it says nothing.
  const id = frame.headers.get('subscription');
  return { messageId, id: id !== undefined && session.subscriptions.has(id) ? id : undefined };
}
