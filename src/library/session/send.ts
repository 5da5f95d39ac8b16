import { StompError } from '../errors.js';
import { isPattern, isReplyAddress } from '../broker/address.js';
import type { Frame } from '../stomp/frame.js';
import { wholeNumberOf } from '../stomp/whole-number.js';
import type { Action } from './action.js';
import { requestOf } from './call.js';
import type { Connected, Work } from './connected.js';
import { destinationOf } from './header.js';
import { shownReplyTo } from './reply-to.js';
import { kindFor } from './room.js';
import { performOrHold } from './transaction-commands.js';

/** STOMP 1.2, SEND: checked and authorized at once, done at once or at COMMIT. */
export function send(session: Connected, frame: Frame): Work | undefined {
  const destination = destinationOf(frame, session.services.limits);
  checkDestination(session, destination);
  const action = actionOf(session, destination, frame);
  return performOrHold(session, frame, action);
}

/** @throws {StompError} unknown_destination, forbidden, invalid_header */
function checkDestination(session: Connected, destination: string): void {
  const kind = kindFor(session, destination);
  if (kind === undefined) throw unknownDestination(destination);
  if (kind === 'user') throw new StompError('forbidden', 'Only the application sends to /user.');
  if (isPattern(destination))
    throw new StompError('invalid_header', 'A SEND goes to one destination; * has no place in it.');
  // Anybody who was handed one may send there; whether its session is still there is nobody's to know.
  if (kind === 'reply-queue') {
    if (isReplyAddress(destination)) return;
    throw unknownDestination(destination);
  }
  if (kind === 'app' && !session.services.application.handles('SEND', destination))
    throw unknownDestination(destination);
  if (!session.services.authorizer.isAllowed(session.user, 'SEND', destination)) {
    throw new StompError('forbidden', 'Your role may not SEND there.');
  }
}

export function unknownDestination(destination: string): StompError {
  return new StompError(
    'unknown_destination',
    `Nothing answers to the destination ${JSON.stringify(destination)}.`,
  );
}

function actionOf(session: Connected, destination: string, frame: Frame): Action {
  const headers = new Map<string, string>();
  for (const [name, value] of frame.headers) if (!isWithheld(name)) headers.set(name, value);
  const replyTo = headers.get('reply-to');
  if (replyTo !== undefined) headers.set('reply-to', shownReplyTo(session, replyTo));
  const { body } = frame;
  switch (kindFor(session, destination)) {
    case 'app':
      return {
        kind: 'call',
        request: requestOf(session, { destination, headers, body }),
      };
    case 'queue':
      checkExpiry(headers.get('expires'));
      return { kind: 'enqueue', draft: { address: destination, headers, body } };
    default:
      return { kind: 'publish', draft: { address: destination, headers, body } };
  }
}

/** Of a Date. */
const LAST_INSTANT_MS = 8.64e15;

function checkExpiry(expires: string | undefined): void {
  const ms = expires === undefined ? 0 : wholeNumberOf(expires);
  if (ms !== undefined && ms <= LAST_INSTANT_MS) return;
  throw new StompError('invalid_header', 'The header expires is ms since 1970, or 0 for never.');
}

/**
 * Headers of a SEND pass through to MESSAGE (STOMP 1.2, SEND), but for those that this frame used up, those that only
 * the server may say, and credentials that some clients put on every frame and that are nobody else's business.
 */
const withheld = new Set([
  ...['destination', 'content-length', 'receipt', 'transaction'],
  ...['message-id', 'subscription', 'ack', 'cursor', 'replayed', 'redelivered', 'delivery-count'],
  ...['original-destination', 'reason', 'content-transfer-encoding'],
  ...['authorization', 'login', 'passcode'],
]);

function isWithheld(name: string): boolean {
  return withheld.has(name.toLowerCase());
}
