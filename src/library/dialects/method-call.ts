import type { Clock } from '../broker/clock.js';
import type { Limits } from '../limits.js';
import type { Client } from '../session/client.js';
import { inTime } from '../session/in-time.js';
import type { Application } from '../session/ports.js';

/** What a client says to a method, in whatever language. */
export interface DialectCall {
  readonly destination: string;
  /** As JSON. Undefined: nothing. */
  readonly body: unknown;
  readonly client: Client;
  /** Told of what fails after the method has returned. */
  readonly fail: (error: unknown) => void;
}

interface MethodServices {
  readonly application: Application;
  readonly clock: Clock;
  readonly limits: Pick<Limits, 'handlerMs'>;
}

/**
 * Calls the method behind a destination, as a SEND of STOMP does. Whether there is one, and who may, its caller has looked.
 * @throws {Error} it took longer than `LIMIT_HANDLER_MS`; and whatever the method throws
 */
export async function callMethod(
  { application, clock, limits }: MethodServices,
  { destination, body, client, fail }: DialectCall,
): Promise<void> {
  const sent = application.send({
    destination,
    headers: new Map(body === undefined ? [] : [['content-type', 'application/json']]),
    body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
    session: client,
    left: client.left,
    fail,
  });
  await inTime(sent, clock, limits.handlerMs, () => {
    return new Error(`The method for ${destination} took longer than ${limits.handlerMs} ms`);
  });
}
