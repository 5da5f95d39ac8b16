import { Refusal } from '../errors.js';
import { isPattern, isReplyAddress } from '../broker/address.js';
import type { Frame } from '../stomp/frame.js';
import { wholeNumberOf } from '../stomp/header.js';
import { requestOf } from './call.js';
import type { Connected } from './connected.js';
import { destinationOf, unknownDestination, type Destination } from './destination.js';
import { performOrHold } from './perform.js';
import { shownReplyTo } from './reply-to.js';
import { once, type Action, type Work } from './work.js';

/** STOMP 1.2, SEND: checked and authorized at once, done at once or at COMMIT. */
export function send(session: Connected, frame: Frame): Work {
  const destination = destinationOf(session, frame);
  check(session, destination);
  const { services, user } = session;
  const begin = (): Work => sendTo(session, destination, frame);
  // A client that was handed such an address may send there; whether its session is still there is nobody's to know.
  if (destination.kind === 'reply-queue') return begin();
  const allowed = services.authorizer.isAllowed(user, 'SEND', destination.text);
  if (typeof allowed !== 'boolean') return once(allowed.then(checkRight), begin);
  checkRight(allowed);
  return begin();
}

function sendTo(session: Connected, destination: Destination, frame: Frame): Work {
  const replyTo = frame.headers.get('reply-to');
  const shown = replyTo === undefined ? undefined : shownReplyTo(session, replyTo);
  const action = actionOf(session, destination, frame, shown?.address);
  const perform = (): Work => performOrHold(session, frame, action);
  return shown?.opened ? once(shown.opened, perform) : perform();
}

/** @throws {Refusal} unknown_destination, forbidden, invalid_header */
function check({ services }: Connected, { kind, text }: Destination): void {
  if (kind === 'user') throw new Refusal('forbidden', 'Only the application sends to /user.');
  if (isPattern(text))
    throw new Refusal('invalid_header', 'A SEND goes to one destination; * has no place in it.');
  if (kind === 'reply-queue' && !isReplyAddress(text)) throw unknownDestination(text);
  if (kind === 'app' && !services.application.handles('SEND', text)) throw unknownDestination(text);
}

/** @throws {Refusal} forbidden */
function checkRight(isAllowed: boolean): void {
  if (!isAllowed) throw new Refusal('forbidden', 'Your role may not SEND there.');
}

function actionOf(
  session: Connected,
  { kind, text, address }: Destination,
  frame: Frame,
  replyTo: string | undefined,
): Action {
  const headers = new Map<string, string>();
  for (const [name, value] of frame.headers) if (!isWithheld(name)) headers.set(name, value);
  if (replyTo !== undefined) headers.set('reply-to', replyTo);
  const { body } = frame;
  if (kind === 'app')
    return { kind: 'call', request: requestOf(session, { destination: text, headers, body }) };
  if (kind !== 'queue') return { kind: 'publish', draft: { address, headers, body } };
  checkExpiry(headers.get('expires'));
  return { kind: 'enqueue', draft: { address, headers, body } };
}

/** Of a Date. */
const LAST_INSTANT_MS = 8.64e15;

function checkExpiry(expires: string | undefined): void {
  const ms = expires === undefined ? 0 : wholeNumberOf(expires);
  if (ms !== undefined && ms <= LAST_INSTANT_MS) return;
  throw new Refusal('invalid_header', 'The header expires is ms since 1970, or 0 for never.');
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
