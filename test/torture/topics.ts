import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerFrame } from '../conformance/server-frame.js';
import { fillerOf } from './events.js';
import type { Hearing, HeardMessage, Publishing } from './history.js';
import type { LostRelayMessage } from './plant.js';
import { Roamer, type Errand, type RoamerOptions } from './roamer.js';
import type { StompConnection } from './stomp-connection.js';

/** Below it is nobody else. */
export const TOPICS = '/topic/torture';

export interface PublisherOptions extends RoamerOptions {
  readonly address: string;
  /** Of each connection, one after the other; over all publishers. */
  readonly publishings: Publishing[];
}

/** SENDs that wait for their RECEIPT, at most. */
const WINDOW = 20;
/** After all trouble, so that whoever missed something before hears a later one. */
const LAST_MESSAGES = 20;

/** Publishes numbered messages to one topic. */
export class Publisher {
  readonly #roamer: Roamer;
  #isDone = false;
  #audience: Promise<void> | undefined;

  constructor(private readonly options: PublisherOptions) {
    this.#roamer = new Roamer(options);
  }

  get failed(): Promise<never> {
    return this.#roamer.failed;
  }

  /** Said its last messages on a connection that had no trouble. */
  get isDone(): boolean {
    return this.#isDone;
  }

  run(): Promise<void> {
    return this.#roamer.run((number) => {
      const { name, address, publishings } = this.options;
      const publishing: Publishing = { publisher: `${name}.${number}`, address, sentAt: [], isWhole: false };
      publishings.push(publishing);
      return this.#errand(publishing);
    });
  }

  /** The next connection is the last: it says so much, when its audience is there, and stays. */
  calm(audience: Promise<void>): void {
    this.#audience = audience;
  }

  stop(): void {
    this.#roamer.stop();
  }

  #errand(publishing: Publishing): Errand {
    const audience = this.#audience;
    let receipts = 0;
    return {
      take: ({ command }) => {
        if (command === 'RECEIPT') receipts += 1;
        if (!audience || receipts < LAST_MESSAGES) return;
        publishing.isWhole = true;
        this.#isDone = true;
      },
      begin: async (connection) => {
        await audience;
        await this.#publish(connection, publishing, audience ? LAST_MESSAGES : Infinity, () => receipts);
      },
    };
  }

  async #publish(
    connection: StompConnection,
    publishing: Publishing,
    count: number,
    receipts: () => number,
  ): Promise<void> {
    const { random } = this.options;
    const { sentAt, publisher, address } = publishing;
    while (!connection.isOver && sentAt.length < count) {
      if (sentAt.length - receipts() < WINDOW) {
        const number = sentAt.push(performance.now());
        // Thick ones don't fit into one payload of every engine.
        const fillerLength = random.chance(0.1) ? 14_000 : random.between(0, 50);
        const body = `${publisher} ${number} ${fillerLength} ${fillerOf(fillerLength)}`;
        connection.send('SEND', { destination: address, receipt: `${number}` }, body);
      }
      await sleep(count === LAST_MESSAGES || random.chance(0.5) ? random.magnitude(1, 60) : 0);
    }
  }
}

export interface SubscriberOptions extends RoamerOptions {
  /** An address, or a pattern. */
  readonly destination: string;
  /** Of each connection, one after the other; over all subscribers. */
  readonly hearings: Hearing[];
  readonly plant: LostRelayMessage;
}

/** Hears topics, and wants to be told of gaps. */
export class Subscriber {
  readonly #roamer: Roamer;
  #hearing: Hearing | undefined;

  constructor(private readonly options: SubscriberOptions) {
    this.#roamer = new Roamer(options);
  }

  get failed(): Promise<never> {
    return this.#roamer.failed;
  }

  get hearing(): Hearing | undefined {
    return this.#hearing;
  }

  run(): Promise<void> {
    return this.#roamer.run(() => this.#errand());
  }

  stop(): void {
    if (this.#hearing) this.#hearing.hasStayed = true;
    this.#roamer.stop();
  }

  #errand(): Errand {
    const { name: subscriber, destination, hearings, plant } = this.options;
    let hearing: Hearing | undefined;
    return {
      begin: (connection) => {
        const headers = { id: 'topic', destination, receipt: 'subscribed', gaps: 'message' };
        connection.send('SUBSCRIBE', headers);
      },
      take: (frame) => {
        if (frame.command === 'RECEIPT') {
          const sightings: Hearing['sightings'] = [];
          hearing = {
            subscriber,
            destination,
            since: performance.now(),
            sightings,
            endedAt: Infinity,
            hasStayed: false,
          };
          hearings.push(hearing);
          this.#hearing = hearing;
          return;
        }
        // What comes before the RECEIPT was promised by nobody.
        if (!hearing || !isOurs(frame)) return;
        const at = performance.now();
        if (frame.headers.get('event-type') === 'gap') {
          this.options.tally.gapSignals += 1;
          hearing.sightings.push({ kind: 'gap', at });
          return;
        }
        this.options.tally.heard += 1;
        hearing.sightings.push(...plant.filter(messageOf(frame, at), hearing.since));
      },
      ended: () => {
        plant.connectionEnded();
        if (hearing) hearing.endedAt = performance.now();
        if (hearing === this.#hearing && !this.#roamer.isStopped) this.#hearing = undefined;
      },
    };
  }
}

/** A pattern may cover what the server itself publishes; a gap is of a subscription. */
function isOurs({ headers }: ServerFrame): boolean {
  return headers.get('event-type') === 'gap' || (headers.get('destination') ?? '').startsWith(`${TOPICS}/`);
}

/** One whose content isn't whole is of a publisher that there isn't. */
function messageOf({ headers, body }: ServerFrame, at: number): HeardMessage {
  const [publisher = '', number, fillerLength, filler] = body.toString().split(' ');
  const isWhole = filler === fillerOf(Number(fillerLength));
  return {
    kind: 'message',
    at,
    address: headers.get('destination') ?? '',
    publisher: isWhole ? publisher : `${publisher}, but garbled`,
    number: Number(number),
  };
}
