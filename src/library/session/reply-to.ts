import { newReplyAddress } from '../broker/address.js';
import { checkName } from '../stomp/frame.js';
import type { Connected } from './connected.js';
import { isTempQueue } from './destination.js';
import { MessageTeller } from './message-teller.js';

/**
 * What its receivers see of a SEND's `reply-to`. `/temp-queue/x` is a private address of the session, as with RabbitMQ:
 * who was handed it sends there, and the answer comes without a SUBSCRIBE, with `subscription:/temp-queue/x`. It is the
 * same one each time, until UNSUBSCRIBE of that id, or the session's end. Anything else goes as it is.
 * @throws {Refusal} subscription_limit, since each is a subscription; duplicate_subscription; invalid_header
 */
export function shownReplyTo(session: Connected, replyTo: string): ShownReplyTo {
  if (!isTempQueue(replyTo)) return { address: replyTo };
  checkName(replyTo, 'reply-to', session.services.limits);
  const known = session.subscriptions.replyAddressOf(replyTo);
  return known === undefined ? openReplyAddress(session, replyTo) : { address: known };
}

/** The address that the receiver of a message sees in place of `/temp-queue/…`. */
export interface ShownReplyTo {
  readonly address: string;
  /** Before it nobody is to see the address: an answer of another node would not be heard. */
  readonly opened?: Promise<unknown> | undefined;
}

function openReplyAddress(session: Connected, name: string): ShownReplyTo {
  const address = newReplyAddress();
  const request = {
    id: name,
    kind: 'reply-queue',
    destination: name,
    address,
    mode: 'auto',
    prefetch: 1,
  } as const;
  const opening = session.subscribe(request, new MessageTeller(session, request));
  return { address, opened: opening?.opened };
}
