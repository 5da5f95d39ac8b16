import { StompError } from '../errors.js';
import type { Frame } from '../stomp/frame.js';
import type { Connected } from './connected.js';
import { required } from './header.js';

/** STOMP 1.2, ACK and NACK: `id` is the MESSAGE's `ack`; before 1.2 it is message-id, in 1.1 with subscription. */
export function settle(session: Connected, frame: Frame): undefined {
  const taken = session.subscriptions.take(namedBy(session, frame));
  if (!taken)
    throw new StompError('unknown_ack', 'No unsettled message of that id; it may have been settled before.');
  session.subscriptions.roomMade();
}

function namedBy(
  session: Connected,
  frame: Frame,
): { ack: string } | { messageId: string; id: string | undefined } {
  if (session.version === '1.2') return { ack: required(frame, 'id') };
  const messageId = required(frame, 'message-id');
  return {
    messageId,
    id: session.version === '1.1' ? required(frame, 'subscription') : frame.headers.get('subscription'),
  };
}
