import { Refusal } from '../errors.js';
import { isPattern, type AddressKind } from '../broker/address.js';
import { isValidPattern } from '../broker/pattern.js';
import { positionKindOf } from '../broker/position-name.js';
import type { Since } from '../broker/subscriber.js';
import { checkName, receiptOf, required, type Frame } from '../stomp/frame.js';
import { trimmed, wholeNumberOf } from '../stomp/header.js';
import { call, requestOf } from './call.js';
import type { Connected } from './connected.js';
import { destinationOf, unknownDestination, type Destination } from './destination.js';
import { MessageTeller } from './message-teller.js';
import {
  ackModes,
  type AckMode,
  type SessionSubscription,
  type SubscriptionRequest,
} from './subscription.js';
import { once, type ToldFailure, type Work } from './work.js';

const DEFAULT_PREFETCH = 100;

/** STOMP 1.2, SUBSCRIBE. Its RECEIPT says that the next publish will be seen, on whichever node it is made. */
export function subscribe(session: Connected, frame: Frame): Work {
  const destination = destinationOf(session, frame);
  // STOMP 1.0 allows a subscription without id.
  const id = session.version === '1.0' ? frame.headers.get('id') : required(frame, 'id');
  if (id !== undefined) checkName(id, 'id', session.services.limits);
  const mode = ackModeOf(frame);
  const prefetch = prefetchOf(frame);
  check(session, destination);
  const { kind, text, address } = destination;
  const request = { id, kind, destination: text, address, mode, prefetch, hearsGaps: hearsGaps(frame) };
  const { services, user, client } = session;
  const allowed = services.authorizer.isAllowed(user, 'SUBSCRIBE', address);
  if (typeof allowed !== 'boolean') {
    const isKnown = allowed.then((isAllowed) => checkRight(isAllowed, kind));
    // Nobody would close what is opened for one who has left.
    return once(isKnown, () => (client.hasLeft ? 'done' : open(session, request, frame)));
  }
  checkRight(allowed, kind);
  return open(session, request, frame);
}

function open(session: Connected, request: SubscriptionRequest, frame: Frame): Work {
  const teller = new MessageTeller(session, request);
  if (request.kind === 'app')
    return { turn: replyOf(session, session.subscriptions.open(request, teller), frame) };
  const opening = session.subscribe(request, teller, sinceOf(frame));
  if (!opening) return 'done';
  const opened = opening.opened.then(() => undefined);
  if (opening.hasStarted) return { stored: opened };
  // A logged address: the RECEIPT when its head is known, then the verdict, then what was missed.
  return { turn: opened, afterwards: () => opening.start() };
}

/** Clients that also speak Server-Sent Events take their names along: nobody who names a position goes on without a verdict. */
function sinceOf({ headers }: Frame): Since {
  const since = headers.get('since');
  if (since !== undefined) return { since };
  for (const [name, hint] of headers) if (positionKindOf(name) !== undefined) return { hint };
  return {};
}

/** @throws {Refusal} unknown_destination, invalid_header, forbidden */
function check({ services }: Connected, { kind, text }: Destination): void {
  if (kind === 'reply-queue') {
    throw new Refusal(
      'forbidden',
      'What is sent there comes to the session that it belongs to, and to no other.',
    );
  }
  if (kind === 'user' && (isPattern(text) || !OWN.test(text))) throw notOwn();
  const { patternSegments } = services.limits;
  if (isPattern(text) && !(kind === 'topic' && isValidPattern(text, patternSegments))) {
    throw new Refusal(
      'invalid_header',
      `Only below /topic: * is one whole segment, ** zero or more at the end; ${patternSegments} segments at most.`,
    );
  }
  if (kind === 'app' && !services.application.handles('SUBSCRIBE', text)) throw unknownDestination(text);
}

/** @throws {Refusal} forbidden */
function checkRight(isAllowed: boolean, kind: AddressKind): void {
  if (isAllowed) return;
  throw kind === 'user'
    ? notOwn()
    : new Refusal('forbidden', 'Your role may not SUBSCRIBE to that destination.');
}

const OWN = /^\/user\/(queue|topic)\/./;

function notOwn(): Refusal {
  return new Refusal(
    'forbidden',
    'Below /user there are /user/queue/… and /user/topic/…, your own, without patterns.',
  );
}

function ackModeOf(frame: Frame): AckMode {
  const asked = trimmed(frame.headers.get('ack') ?? 'auto');
  const mode = ackModes.find((known) => known === asked);
  if (mode) return mode;
  throw new Refusal('invalid_header', `The header ack is one of ${ackModes.join(', ')}.`);
}

function hearsGaps(frame: Frame): boolean {
  const asked = frame.headers.get('gaps');
  if (asked === undefined || asked === 'message') return asked !== undefined;
  throw new Refusal('invalid_header', 'The header gaps is message, or absent.');
}

function prefetchOf(frame: Frame): number {
  const asked = frame.headers.get('prefetch-count');
  if (asked === undefined) return DEFAULT_PREFETCH;
  const count = wholeNumberOf(asked);
  // What is more than any limit is as good as none.
  if (count !== undefined && count > 0) return count;
  throw new Refusal('invalid_header', 'The header prefetch-count is a whole number from 1.');
}

/** A `@SubscribeMapping` method answers this subscription alone. */
async function replyOf(
  session: Connected,
  subscription: SessionSubscription,
  frame: Frame,
): Promise<void | ToldFailure> {
  const { application, broker } = session.services;
  const { destination } = subscription.request;
  const over = new AbortController();
  subscription.register({ close: () => over.abort() });
  const request = requestOf(session, { destination, headers: frame.headers, body: frame.body }, over.signal);
  const reply = await call(session, request, {
    receipt: receiptOf(frame),
    run: () => application.subscribe(request, subscription),
  });
  if (reply === 'told') return reply;
  session.tellSubscribed(subscription);
  if (reply) subscription.deliver({ id: broker.nextId(), address: destination, ...reply });
}
