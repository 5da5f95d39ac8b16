import { isEnding, Refusal } from '../errors.js';
import { userAddress } from '../broker/address.js';
import type { Connected } from './connected.js';
import { inTime } from './in-time.js';
import type { ApplicationRequest } from './ports.js';
import type { ToldFailure } from './work.js';

/** What a frame says to a method. @param left where not only the session's end ends the interest in its answer */
export function requestOf(
  session: Connected,
  { destination, headers, body }: Pick<ApplicationRequest, 'destination' | 'headers' | 'body'>,
  left: AbortSignal = session.client.left,
): ApplicationRequest {
  const request: ApplicationRequest = {
    destination,
    headers,
    body,
    session: session.client,
    left,
    fail(error) {
      try {
        tell(session, request, error, undefined);
      } catch (refusal) {
        session.fail(refusal);
      }
    },
  };
  return request;
}

/** Calls a method of the application; it has `LIMIT_HANDLER_MS`, since it holds the frames behind it. */
export async function call<T>(
  session: Connected,
  request: ApplicationRequest,
  { receipt, run }: { readonly receipt: string | undefined; readonly run: () => Promise<T> },
): Promise<T | ToldFailure> {
  const { clock, limits } = session.services;
  try {
    return await inTime(run(), clock, limits.handlerMs, () => {
      return new Error(`The method for ${request.destination} took longer than ${limits.handlerMs} ms`);
    });
  } catch (error) {
    return tell(session, request, error, receipt);
  }
}

/**
 * Spring's `/user/queue/errors`: who subscribed to it hears there that a method failed, and stays connected;
 * who didn't gets an ERROR. It concerns this session alone, so it isn't published.
 * @throws {Refusal} where nobody listens
 */
function tell(
  session: Connected,
  request: ApplicationRequest,
  error: unknown,
  receipt: string | undefined,
): ToldFailure {
  const refusal: Refusal<string> | undefined = error instanceof Refusal ? error : undefined;
  if (!refusal) session.services.observer.failed?.(session, error);
  const code = refusal?.code ?? 'handler_failed';
  const message = refusal?.message ?? 'The method failed; the fault is ours.';

  const listening = session.subscriptions.on(userAddress(session.user.name, '/queue/errors'));
  if (listening.length === 0) {
    throw isEnding(refusal) ? refusal : new Refusal('handler_failed', message, { cause: error });
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
