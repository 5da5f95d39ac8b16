import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { signIn, type Caller } from '../caller.js';
import { stopServers } from '../server.js';
import { check, type Fault, type FaultKind } from './check.js';
import { bodyOf, rowOf } from './events.js';
import type { History, Row, Write } from './history.js';
import { Host } from './host.js';
import { call } from './http-call.js';
import { loadInbox } from './inbox.js';
import { Network, squalls, storm, type Weather } from './network.js';
import { LAST_EVENT, Plant } from './plant.js';
import { Random } from './random.js';
import { Reader } from './reader.js';
import type { WireNotification } from './streams/stream.js';
import { Tally } from './tally.js';
import { freeSlots, writeAppointments, writeMessages, type Writer } from './writers.js';

export interface TortureOptions {
  readonly seconds: number;
  readonly seed: number;
  /** An empty database; a SQLite file of its own without. */
  readonly databaseUrl?: string;
  /** Each is planted once, in a reader of its own. */
  readonly plants?: readonly FaultKind[];
}

export interface Outcome {
  readonly history: History;
  readonly faults: readonly Fault[];
  readonly tally: Tally;
}

/** Readers who haven't got there by then have lost what they lack. */
const SETTLE_MS = 15_000;

const READERS = 10;
const MESSAGE_WRITERS = 8;

/**
 * Writes and reads over a network that is cut, from a server that is killed, and compares at the end what was
 * acknowledged, what is in the database, and what each reader saw.
 */
export async function torture(options: TortureOptions): Promise<Outcome> {
  try {
    const host = await Host.start({ environment: environmentOf(options) });
    const people = {
      operator: await signIn(host.url, 'operator@example.org'),
      doctor: await signIn(host.url, 'doctor@example.org'),
      patient: await signIn(host.url, 'patient@example.org'),
      patient2: await signIn(host.url, 'patient2@example.org'),
    };
    return await new Torture(host, people, options).run();
  } finally {
    await stopServers();
  }
}

/** Small pages and buffers, so that little traffic meets every edge. */
function environmentOf({ databaseUrl }: TortureOptions): Record<string, string> {
  return {
    ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
    JWT_SECRET: 'a secret of thirty-two bytes or more',
    CLINIC_ZONE: 'UTC',
    LIMIT_BOOKING_DAYS: '36500',
    LIMIT_OPEN_BOOKINGS: '1000000',
    LIMIT_PATIENT_EVENTS: '1000000',
    LIMIT_FEED_PAGE_MESSAGES: '7',
    LIMIT_OUTBOX_SOFT_BYTES: '65536',
    LIMIT_SOCKJS_RESPONSE_BYTES: '16384',
    LIMIT_SOCKJS_DISCONNECT_MS: '1000',
    LIMIT_SSE_HEARTBEAT_MS: '500',
  };
}

class Torture {
  readonly #random: Random;
  readonly #tally = new Tally();
  readonly #writes: Write[] = [];
  readonly #networks: Network[] = [];
  readonly #readers: Reader[] = [];
  readonly #readUsers: readonly Caller[];
  /** No more writes, no more kills. */
  readonly #ending = new AbortController();
  /** `answered`, `seen`: when to kill, if what was said before its commit is to be caught. */
  readonly #moments = new EventEmitter();

  constructor(
    private readonly host: Host,
    private readonly people: Readonly<Record<'operator' | 'doctor' | 'patient' | 'patient2', Caller>>,
    private readonly options: TortureOptions,
  ) {
    this.#random = new Random(options.seed);
    this.#readUsers = [people.patient, people.doctor, people.patient2];
  }

  async run(): Promise<Outcome> {
    try {
      await this.#openReaders();
      const failed = this.#readers.map((reader) => reader.failed);
      const reading = Promise.all(this.#readers.map((reader) => reader.run()));
      const writing = Promise.all(await this.#startWriters());

      // But for the killer they end only with an error.
      await Promise.race([this.#killNowAndThen(), writing, reading, ...failed]);
      this.#ending.abort();
      await writing;
      const inboxes = await this.#settle();
      await Promise.race([this.#untilHeard(inboxes), reading, ...failed]);

      this.#readers.forEach((reader) => reader.stop());
      await reading;
      const readings = this.#readers.flatMap((reader) => reader.readings);
      const history = { writes: this.#writes, inboxes, readings };
      return { history, faults: check(history), tally: this.#tally };
    } finally {
      this.#ending.abort();
      this.#readers.forEach((reader) => reader.stop());
      await Promise.all(this.#networks.map((network) => network.close()));
    }
  }

  async #openReaders(): Promise<void> {
    const { plants = [] } = this.options;
    for (let number = 0; number < READERS; number++) {
      const name = `reader ${number}`;
      const random = this.#random.fork(name);
      this.#readers.push(
        new Reader({
          name,
          caller: this.#readUsers[number % this.#readUsers.length] ?? this.people.patient,
          random,
          network: await this.#network(random, storm),
          plant: new Plant(plants[number]),
          tally: this.#tally,
          seen: () => this.#moments.emit('seen'),
        }),
      );
    }
  }

  async #startWriters(): Promise<Promise<void>[]> {
    const { operator, patient, patient2, doctor } = this.people;
    const slots = freeSlots();
    const running = [patient, patient2].map(async (booker) =>
      writeAppointments(await this.#writer(`booking by ${booker.user.name}`), booker, doctor, slots),
    );
    for (let number = 0; number < MESSAGE_WRITERS; number++)
      running.push(writeMessages(await this.#writer(`writer ${number}`), operator, this.#readUsers));
    return running;
  }

  async #writer(name: string): Promise<Writer> {
    const random = this.#random.fork(name);
    const network = await this.#network(random, squalls);
    return {
      name,
      random,
      network,
      writes: this.#writes,
      tally: this.#tally,
      stop: this.#ending.signal,
      answered: () => this.#moments.emit('answered'),
    };
  }

  async #network(random: Random, weather: Weather): Promise<Network> {
    const network = await Network.open(random.fork('network'), () => this.host.port, this.#tally, weather);
    this.#networks.push(network);
    return network;
  }

  async #killNowAndThen(): Promise<void> {
    const random = this.#random.fork('killer');
    const end = Date.now() + this.options.seconds * 1_000;
    let startMs = 0;
    for (;;) {
      // On a busy machine a start takes seconds: it is up for longer than it is down.
      const pause = startMs + random.between(500, 4_000);
      const rest = end - Date.now();
      await sleep(Math.max(0, Math.min(pause, rest)), undefined, { signal: this.#ending.signal });
      if (pause >= rest) return;
      const moment = random.pick(['any', 'answered', 'seen']);
      if (moment !== 'any')
        await once(this.#moments, moment, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
      const begun = Date.now();
      await this.#kill();
      startMs = Date.now() - begun;
    }
  }

  async #kill(): Promise<void> {
    await this.host.restart();
    this.#tally.kills += 1;
  }

  /** No more trouble and no more writers. @returns what the database has for good */
  async #settle(): Promise<Map<string, readonly Row[]>> {
    // What is still on its way to the database dies with the process: nothing is added unseen afterwards.
    await this.#kill();
    this.#networks.forEach((network) => network.calm());
    this.#readers.forEach((reader) => reader.calm());
    const inboxes = new Map<string, readonly Row[]>();
    for (const { token, user } of this.#readUsers) {
      await this.#tellLast(user);
      inboxes.set(user.email, await loadInbox(this.#port, token));
    }
    return inboxes;
  }

  async #tellLast({ id, email }: Caller['user']): Promise<void> {
    const { token } = this.people.operator;
    const request = {
      method: 'POST',
      path: '/api/notifications',
      token,
      body: bodyOf(LAST_EVENT, id, 0),
    } as const;
    const { status, body } = await call({ port: this.#port, ...request });
    if (status !== 201) throw new Error(`The last notification was answered with ${status}`);
    this.#writes.push({
      writer: 'the last writer',
      event: LAST_EVENT,
      users: [email],
      answer: 'acknowledged',
      row: rowOf(body as WireNotification),
    });
  }

  async #untilHeard(inboxes: ReadonlyMap<string, readonly Row[]>): Promise<void> {
    const end = Date.now() + SETTLE_MS;
    const isDone = (reader: Reader): boolean => reader.hasHeard(inboxes.get(reader.user)?.at(-1)?.seq ?? 0);
    while (!this.#readers.every(isDone) && Date.now() < end) await sleep(20);
  }

  get #port(): number {
    if (this.host.port === undefined) throw new Error('The server is down');
    return this.host.port;
  }
}
