import { Refusal, type ClosingCode } from '../errors.js';
import type { Clock } from '../broker/clock.js';
import type { Limits } from '../limits.js';
import type { OpenSubscription, User } from './ports.js';
import { Share, type ShareLimits } from './share.js';

/** One open connection of a user who has signed in: a STOMP session, or an event stream. */
export interface OpenConnection {
  readonly id: string;
  readonly user: User;
  readonly transport: string;
  /** The one that `shareOf` gave for its user. */
  readonly share: Share;
  /** Of a STOMP session; a stream has none. */
  openSubscriptions?(): readonly OpenSubscription[];
  /** An event stream: counted apart from what can say something. */
  readonly isStream?: boolean;
  /** Says why, where the transport has words for it, and closes. */
  terminate(code: ClosingCode): void;
}

type PerUser = 'connectionsPerUser' | 'streamsPerUser';

/** The open connections of this node, by user. */
export class SessionRegistry {
  /** What all connections that haven't signed in hold together. */
  readonly strangers: Share;
  readonly #byUser = new Map<string, Open>();
  #count = 0;
  #isDraining = false;

  constructor(
    private readonly limits: Pick<Limits, PerUser | 'inputBytesOfStrangers'> & ShareLimits,
    private readonly clock: Clock,
  ) {
    this.strangers = new Share({ ...limits, inputBytesPerUser: limits.inputBytesOfStrangers });
  }

  /** What the connections of a user share; their first one brings it, and it goes with the last. */
  shareOf(name: string): Share {
    return this.#byUser.get(name)?.share ?? new Share(this.limits);
  }

  /** @throws {Refusal} connection_limit, server_drain */
  add(connection: OpenConnection): void {
    if (this.#isDraining) throw new Refusal('server_drain', 'This node is going away; connect again.');
    const { share } = connection;
    const { name } = connection.user;
    const own = this.#byUser.get(name) ?? { share, connections: new Set(), streams: 0 };
    this.#checkPlace(own, connection.isStream ?? false);
    if (connection.isStream) own.streams++;
    own.connections.add(connection);
    this.#byUser.set(name, own);
    share.connections++;
    this.#count++;
  }

  /** The connection is over. Idempotent. */
  delete(connection: OpenConnection): void {
    const { name } = connection.user;
    const own = this.#byUser.get(name);
    if (!own?.connections.delete(connection)) return;
    if (connection.isStream) own.streams--;
    connection.share.connections--;
    this.#count--;
    if (own.connections.size === 0) this.#byUser.delete(name);
  }

  /** @throws {Refusal} connection_limit */
  #checkPlace({ connections, streams }: Open, isStream: boolean): void {
    const { connectionsPerUser, streamsPerUser } = this.limits;
    const [open, most] = isStream
      ? [streams, streamsPerUser]
      : [connections.size - streams, connectionsPerUser];
    if (open < most) return;
    const what = isStream ? 'event streams' : 'connections';
    throw new Refusal(
      'connection_limit',
      `At most ${most} ${what} of one user are open at a time; close another one first.`,
    );
  }

  get count(): number {
    return this.#count;
  }

  /** Of the users who have a connection. */
  names(): string[] {
    return [...this.#byUser.keys()];
  }

  /** The open connections, of everybody or of one user. */
  connections(name?: string): OpenConnection[] {
    if (name !== undefined) return [...(this.#byUser.get(name)?.connections ?? [])];
    return [...this.#byUser.values()].flatMap((own) => [...own.connections]);
  }

  /** Ends all connections with `server_drain`, spread evenly over `ms` so that they don't all come back at once. */
  async drain(ms: number): Promise<void> {
    this.#isDraining = true;
    const leaving = this.connections();
    await Promise.all(
      leaving.map(
        (connection, i) =>
          new Promise<void>((resolve) => {
            this.clock.after((ms * i) / leaving.length, () => {
              connection.terminate('server_drain');
              resolve();
            });
          }),
      ),
    );
  }
}

/** What one user has open. */
interface Open {
  readonly share: Share;
  readonly connections: Set<OpenConnection>;
  /** How many of them are event streams. */
  streams: number;
}
