import { HttpError, StompError } from '../errors.js';
import { roomOf, userAddress } from '../broker/address.js';
import type { Timer } from '../broker/clock.js';
import type { Settlement } from '../broker/queues.js';
import type { Action } from './action.js';
import type { Connected, Told, Work } from './connected.js';
import type { ApplicationRequest } from './ports.js';

export function perform(session: Connected, action: Action, receipt: string | undefined): Work | undefined {
  const { broker } = session.services;
  switch (action.kind) {
    case 'publish':
      broker.publish(action.draft);
      return undefined;
    case 'call':
      return { turn: call(session, action.request, receipt) };
    case 'enqueue':
      return { done: broker.queues.commit([action.draft], []) };
    case 'settle':
      return settle(session, action);
  }
}

/** What an action asks of the queues. */
export function settlementsOf({ taken, verdict }: SettleAction): Settlement[] {
  if (roomOf(taken.subscription.request.address) !== 'queue') return [];
  return taken.messages.map((message) => ({ message, verdict }));
}

/** Queues forget what is acknowledged, logs note it; topics keep nothing, so there is nothing to settle in them. */
function settle(session: Connected, action: SettleAction): Work | undefined {
  const { queues } = session.services.broker;
  const settlements = settlementsOf(action);
  const done = settlements.length > 0 ? queues.commit([], settlements) : acknowledge(session, action);
  session.subscriptions.roomMade();
  return done && { done };
}

/** An ACK on a logged address; a NACK there only frees the message's place, since the cursor brings it again. */
export function acknowledge(session: Connected, { taken, verdict }: SettleAction): Promise<void> | undefined {
  const { feeds } = session.services.broker;
  const { address } = taken.subscription.request;
  return verdict === 'ack' && feeds.has(address) ? feeds.delivered(address, taken.messages) : undefined;
}

type SettleAction = Extract<Action, { kind: 'settle' }>;

/** Calls the application's method; it has `LIMIT_HANDLER_MS`, since it holds the frames behind it. */
async function call(
  session: Connected,
  request: ApplicationRequest,
  receipt: string | undefined,
): Promise<void | Told> {
  const { application, clock, limits } = session.services;
  let limit: Timer | undefined;
  try {
    await Promise.race([
      application.send(request),
      new Promise<never>((_, reject) => {
        limit = clock.after(limits.handlerMs, () =>
          reject(new Error(`The method for ${request.destination} took longer than ${limits.handlerMs} ms`)),
        );
      }),
    ]);
  } catch (error) {
    return answerFailure(session, request, error, receipt);
  } finally {
    limit?.cancel();
  }
}

/**
 * Spring's `/user/queue/errors`: who subscribed to it hears there that a method failed, and stays connected;
 * who didn't gets an ERROR. It concerns this session alone, so it isn't published.
 */
function answerFailure(
  session: Connected,
  request: ApplicationRequest,
  error: unknown,
  receipt: string | undefined,
): Told {
  const isTheirs = error instanceof StompError || error instanceof HttpError;
  if (!isTheirs) session.services.observer.failed?.(session, error);
  const code = isTheirs ? error.code : 'handler_failed';
  const message = isTheirs ? error.message : 'The method failed; the fault is ours.';

  const listening = session.subscriptions.on(userAddress(session.user.name, '/queue/errors'));
  if (listening.length === 0) {
    throw error instanceof StompError
      ? error
      : new StompError('handler_failed', message, {}, { cause: error });
  }
  const body = Buffer.from(JSON.stringify({ code, message, destination: request.destination }));
  const headers = new Map([
    ['content-type', 'application/json'],
    ['code', code],
  ]);
  if (receipt !== undefined) headers.set('receipt-id', receipt);
  for (const subscription of listening) {
    subscription.deliver({
      id: session.services.broker.nextId(),
      address: subscription.request.address,
      headers,
      body,
    });
  }
  return 'told';
}
