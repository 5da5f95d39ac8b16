import { Refusal } from '../errors.js';
import type { Frame } from '../stomp/frame.js';
import { negotiateHeartbeat } from '../stomp/heartbeat.js';
import { highestVersionOf, negotiateVersion, type Version } from '../stomp/version.js';
import type { SessionServices } from './connected.js';
import type { Departure } from './departure.js';
import type { Credentials, User, Wire } from './ports.js';

/** A client whose CONNECT was accepted, and what was agreed with it. */
export interface AcceptedClient {
  readonly user: User;
  readonly version: Version;
  readonly heartbeat: {
    readonly header: string;
    readonly sendEveryMs: number;
    readonly expectEveryMs: number;
  };
}

/** What CONNECT and STOMP agree on before anybody is asked who is there. @throws {Refusal} */
export function negotiate(
  { headers }: Frame,
  { subprotocol }: Pick<Wire, 'subprotocol'>,
  { limits }: SessionServices,
): Omit<AcceptedClient, 'user'> {
  return {
    version: negotiateVersion(headers.get('accept-version'), highestVersionOf(subprotocol)),
    heartbeat: negotiateHeartbeat(headers.get('heart-beat'), limits),
  };
}

/** `host` is optional and any value is accepted: stompjs sends none. @throws {Refusal} auth_failed */
export function credentialsOf({ headers }: Frame, remoteAddress: string, departure: Departure): Credentials {
  const authorization = headers.get('Authorization') ?? headers.get('authorization');
  const login = headers.get('login');
  if (authorization === undefined && login === undefined) {
    throw new Refusal('auth_failed', 'CONNECT needs Authorization: Bearer <token>, or login and passcode.');
  }
  return {
    authorization,
    login,
    passcode: headers.get('passcode'),
    remoteAddress,
    get left() {
      return departure.signal;
    },
  };
}
