import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { signIn, type Caller } from '../caller.js';
import type { Engine } from '../engines.js';
import { stopServers } from '../server.js';
import { check } from './check.js';
import { isHeardToTheEnd } from './check-topics.js';
import { Cluster } from './cluster.js';
import { bodyOf, textOf } from './events.js';
import type { Fault } from './faults.js';
import type { Delivery, Hearing, History, Publishing, Put, Row, Write } from './history.js';
import { call, type Call } from './http-call.js';
import { Nemesis, type Victim } from './nemesis.js';
import { Network, squalls, storm, type Weather } from './network.js';
import {
  conversationPlants,
  DoubleClaim,
  LAST_EVENT,
  LostRelayMessage,
  Plant,
  readerPlants,
  type PlantKind,
} from './plant.js';
import { Consumer, Producer } from './queues.js';
import { Random } from './random.js';
import { conversationTransports, inboxTransports, Reader, type ReaderOptions } from './reader.js';
import type { RoamerOptions } from './roamer.js';
import { conversation, inboxOf, load, type Source } from './source.js';
import type { WireRow } from './streams/stream.js';
import { Tally } from './tally.js';
import { Publisher, Subscriber, TOPICS } from './topics.js';
import { freeSlots, talk, writeAppointments, writeMessages, type Writer } from './writers.js';

export interface TortureOptions {
  readonly seconds: number;
  readonly seed: number;
  /** One unless given; more need PostgreSQL. */
  readonly nodes?: number;
  /** `RELAY_URL`; the default unless given. */
  readonly relayUrl?: string | undefined;
  /** The relay's engine, which the run may kill. */
  readonly engine?: Engine | undefined;
  /** Nodes unless given. */
  readonly victims?: readonly Victim[];
  /** An empty database; a SQLite file of its own without. */
  readonly databaseUrl?: string | undefined;
  /** Each is planted once, in a reader, subscriber or consumer of its own. */
  readonly plants?: readonly PlantKind[];
}

export interface Outcome {
  readonly history: History;
  readonly faults: readonly Fault[];
  readonly tally: Tally;
  /** Messages of queues that are in the database at the end, by queue and the node that holds them; PostgreSQL's alone. */
  readonly leftInQueues: readonly LeftInQueue[];
}

export interface LeftInQueue {
  readonly queue: string;
  readonly owner: string | null;
  readonly messages: string;
}

/** Who hasn't got there by then has lost what they lack. */
const SETTLE_MS = 60_000;
/** Where something is planted that never comes. */
const SETTLE_PLANTED_MS = 20_000;

const READERS = 10;
const MESSAGE_WRITERS = 8;
/** Of each of two conversations. */
const CONVERSATION_READERS = 3;
const PUBLISHERS = 4;
const PRODUCERS = 4;
const CONSUMERS = 6;

/** The last one is heard by patterns alone. */
const topics = ['1', '2', 'below/3'].map((name) => `${TOPICS}/${name}`);
const subscriptions = [`${TOPICS}/1`, `${TOPICS}/2`, `${TOPICS}/**`, '/topic/**'];
/** With consumers on every node. */
const SHARED_QUEUE = '/queue/torture-shared';
/** With one consumer at a time. */
const ORDERED_QUEUE = '/queue/torture-ordered';

type People = Readonly<Record<'operator' | 'doctor' | 'patient' | 'patient2', Caller>> & {
  readonly talks: readonly Talk[];
};

interface Talk {
  readonly source: Source;
  readonly members: readonly [Caller, Caller];
}

async function begun(url: string, [one, other]: Talk['members']): Promise<Source> {
  const { status, body } = await call({
    ...{ port: Number(new URL(url).port), method: 'POST', path: '/api/conversations', token: one.token },
    body: { memberIds: [other.user.id] },
  });
  if (status !== 201) throw new Error(`A conversation was answered with ${status}`);
  return conversation((body as { id: number }).id);
}

/**
 * Writes and reads over a network that is cut, from servers that are killed, and compares at the end what was
 * acknowledged, what is in the database, and what each client saw.
 */
export async function torture(options: TortureOptions): Promise<Outcome> {
  let cluster: Cluster | undefined;
  try {
    const { nodes = 1, databaseUrl, relayUrl } = options;
    cluster = await Cluster.start({ nodes, databaseUrl, relayUrl, environment });
    const { url } = cluster.first;
    const people = {
      operator: await signIn(url, 'operator@example.org'),
      doctor: await signIn(url, 'doctor@example.org'),
      patient: await signIn(url, 'patient@example.org'),
      patient2: await signIn(url, 'patient2@example.org'),
    };
    const { doctor, patient, patient2 } = people;
    const talks: Talk[] = [];
    for (const members of [
      [patient, doctor],
      [patient2, doctor],
    ] as const)
      talks.push({ members, source: await begun(url, members) });
    return await new Torture(cluster, { ...people, talks }, options).run();
  } finally {
    await stopServers();
    await cluster?.close();
  }
}

/** Small pages and buffers, so that little traffic meets every edge. */
const environment = {
  JWT_SECRET: 'a secret of thirty-two bytes or more',
  CLINIC_ZONE: 'UTC',
  LIMIT_BOOKING_DAYS: '36500',
  LIMIT_OPEN_BOOKINGS: '1000000',
  LIMIT_PATIENT_EVENTS: '1000000',
  LIMIT_MESSAGES_PER_HOUR: '1000000',
  // What rings for a conversation nobody has written.
  LIMIT_CONVERSATION_BELL_MS: '86400000',
  LIMIT_FEED_PAGE_MESSAGES: '7',
  LIMIT_OUTBOX_SOFT_BYTES: '65536',
  // Each cut counts as a delivery: a message that is in the way of many is no dead letter.
  LIMIT_QUEUE_DELIVERIES: '1000000',
  LIMIT_SOCKJS_RESPONSE_BYTES: '16384',
  LIMIT_SOCKJS_DISCONNECT_MS: '1000',
  LIMIT_SSE_HEARTBEAT_MS: '500',
};

class Torture {
  readonly #random: Random;
  readonly #tally = new Tally();
  readonly #writes: Write[] = [];
  readonly #publishings: Publishing[] = [];
  readonly #hearings: Hearing[] = [];
  readonly #puts: Put[] = [];
  readonly #deliveries: Delivery[] = [];
  readonly #networks: Network[] = [];
  readonly #readers: Reader[] = [];
  readonly #publishers: Publisher[] = [];
  readonly #subscribers: Subscriber[] = [];
  readonly #producers: Producer[] = [];
  readonly #consumers: Consumer[] = [];
  readonly #readUsers: readonly Caller[];
  /** What is written and read, and who may read it. */
  readonly #sources: readonly { readonly source: Source; readonly caller: Caller }[];
  readonly #nemesis: Nemesis;
  /** No more writes, no more kills. */
  readonly #ending = new AbortController();
  /** From then on nothing goes wrong. */
  #restartedAt = Infinity;
  /** `answered`, `seen`: when to kill, if what was said before its commit is to be caught. */
  readonly #moments = new EventEmitter();

  constructor(
    private readonly cluster: Cluster,
    private readonly people: People,
    private readonly options: TortureOptions,
  ) {
    this.#random = new Random(options.seed);
    this.#readUsers = [people.patient, people.doctor, people.patient2];
    this.#sources = [
      ...this.#readUsers.map((caller) => ({ source: inboxOf(caller), caller })),
      ...people.talks.map(({ source, members: [caller] }) => ({ source, caller })),
    ];
    const { victims = ['node'], engine, databaseUrl } = options;
    this.#nemesis = new Nemesis({
      ...{ cluster, engine, databaseUrl, victims },
      random: this.#random.fork('nemesis'),
      tally: this.#tally,
    });
  }

  async run(): Promise<Outcome> {
    try {
      await this.#openReaders();
      await this.#openTopics();
      await this.#openQueues();
      const clients = [...this.#readers, ...this.#publishers, ...this.#subscribers];
      const queueClients = [...this.#producers, ...this.#consumers];
      const failed = [...clients, ...queueClients].map((client) => client.failed);
      failed.push(this.cluster.failed);
      const working = Promise.all([...clients, ...queueClients].map((client) => client.run()));
      const writing = Promise.all(await this.#startWriters());

      // But for the nemesis they end only with an error.
      await Promise.race([this.#strikeNowAndThen(), writing, working, ...failed]);
      this.#ending.abort();
      this.#producers.forEach((producer) => producer.stop());
      await writing;
      const inboxes = await Promise.race([this.#settle(), ...failed]);
      await Promise.race([this.#untilHeard(inboxes), ...failed]);
      const leftInQueues = await this.#leftInQueues();

      this.#stop();
      await working;
      const history: History = {
        writes: this.#writes,
        inboxes,
        readings: this.#readers.flatMap((reader) => reader.readings),
        topics: { publishings: this.#publishings, hearings: this.#hearings },
        queues: {
          puts: this.#puts,
          deliveries: this.#deliveries,
          crashes: this.cluster.nodes.length > 1 ? [] : this.cluster.first.kills,
        },
      };
      return { history, faults: check(history), tally: this.#tally, leftInQueues };
    } finally {
      this.#stop();
      await this.#nemesis.over();
      await Promise.all(this.#networks.map((network) => network.close()));
    }
  }

  #stop(): void {
    this.#ending.abort();
    const clients = [this.#readers, this.#publishers, this.#subscribers, this.#producers, this.#consumers];
    for (const client of clients.flat()) client.stop();
  }

  async #openReaders(): Promise<void> {
    const plants = readerPlants.filter((kind) => this.#isPlanted(kind));
    for (let number = 0; number < READERS; number++) {
      const caller = this.#readUsers[number % this.#readUsers.length] ?? this.people.patient;
      await this.#openReader(`reader ${number}`, {
        ...{ caller, source: inboxOf(caller), transports: inboxTransports },
        plant: this.#plantOf(plants[number], caller.user.email),
        mayErr: this.cluster.nodes.length === 1,
      });
    }
    const said = Object.entries(conversationPlants).filter(([kind]) => this.#isPlanted(kind as PlantKind));
    for (let number = 0; number < CONVERSATION_READERS * this.people.talks.length; number++) {
      const { source, members } = this.people.talks[number % this.people.talks.length] as Talk;
      await this.#openReader(`listener ${number}`, {
        ...{ caller: this.#random.pick(members), source, transports: conversationTransports },
        plant: this.#plantOf(said[number]?.[1], source.name),
        mayErr: false,
      });
    }
  }

  async #openReader(
    name: string,
    options: Pick<ReaderOptions, 'caller' | 'source' | 'transports' | 'plant' | 'mayErr'>,
  ): Promise<void> {
    const random = this.#random.fork(name);
    const network = await this.#network(random, storm);
    const seen = (): unknown => this.#moments.emit('seen');
    this.#readers.push(new Reader({ name, random, network, tally: this.#tally, seen, ...options }));
  }

  #plantOf(kind: (typeof readerPlants)[number] | undefined, name: string): Plant {
    return new Plant(
      kind,
      () =>
        this.#writes.find(({ users, answer }) => answer === 'acknowledged' && !users.includes(name))?.event,
    );
  }

  async #openTopics(): Promise<void> {
    const publishings = this.#publishings;
    for (let number = 0; number < PUBLISHERS; number++) {
      const roamer = await this.#roamer(`publisher-${number}`, squalls);
      const address = topics[number % topics.length] ?? '';
      this.#publishers.push(new Publisher({ ...roamer, address, publishings }));
    }
    for (const [number, destination] of subscriptions.entries()) {
      const roamer = await this.#roamer(`subscriber-${number}`, storm);
      const plant = new LostRelayMessage(number === 0 && this.#isPlanted('lost-relay-message'), publishings);
      this.#subscribers.push(new Subscriber({ ...roamer, destination, hearings: this.#hearings, plant }));
    }
  }

  async #openQueues(): Promise<void> {
    const plant = new DoubleClaim(this.#isPlanted('double-claim'));
    const queueOf = (number: number): string => (number === 0 ? ORDERED_QUEUE : SHARED_QUEUE);
    for (let number = 0; number < PRODUCERS; number++) {
      const roamer = await this.#roamer(`producer-${number}`, squalls);
      this.#producers.push(new Producer({ ...roamer, queue: queueOf(number), puts: this.#puts }));
    }
    for (let number = 0; number < CONSUMERS; number++) {
      const roamer = await this.#roamer(`consumer-${number}`, storm);
      const queue = queueOf(number);
      const isAlone = queue === ORDERED_QUEUE;
      this.#consumers.push(new Consumer({ ...roamer, queue, isAlone, deliveries: this.#deliveries, plant }));
    }
  }

  get #settleMs(): number {
    return this.options.plants ? SETTLE_PLANTED_MS : SETTLE_MS;
  }

  #isPlanted(kind: PlantKind): boolean {
    return this.options.plants?.includes(kind) ?? false;
  }

  async #roamer(name: string, weather: Weather): Promise<RoamerOptions> {
    const random = this.#random.fork(name);
    const network = await this.#network(random, weather);
    return { name, random, network, token: this.people.operator.token, tally: this.#tally };
  }

  async #startWriters(): Promise<Promise<void>[]> {
    const { operator, patient, patient2, doctor } = this.people;
    const slots = freeSlots();
    const running = [patient, patient2].map(async (booker) =>
      writeAppointments(await this.#writer(`booking by ${booker.user.name}`), booker, doctor, slots),
    );
    for (const { source, members } of this.people.talks)
      for (const member of members)
        running.push(talk(await this.#writer(`${source.name} by ${member.user.name}`), member, source));
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
    const forked = random.fork('network');
    const network = await Network.open(forked, this.cluster.route(forked), this.#tally, weather);
    this.#networks.push(network);
    return network;
  }

  async #strikeNowAndThen(): Promise<void> {
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
      await this.#nemesis.strike();
      startMs = Date.now() - begun;
    }
  }

  /** No more trouble and no more writers. @returns what the database has for good */
  async #settle(): Promise<Map<string, readonly Row[]>> {
    await this.#nemesis.over();
    const audience = this.#untilSubscribed();
    this.#publishers.forEach((publisher) => publisher.calm(audience));
    // What is still on its way to the database dies with the nodes: nothing is added unseen afterwards.
    await this.cluster.restart();
    this.#restartedAt = performance.now();
    this.#networks.forEach((network) => network.calm());
    [...this.#readers, ...this.#consumers].forEach((client) => client.calm());
    const inboxes = new Map<string, readonly Row[]>();
    for (const { user } of this.#readUsers) await this.#tellLast(user);
    for (const one of this.people.talks) await this.#sayLast(one);
    for (const { source, caller } of this.#sources)
      inboxes.set(source.name, await load(source, this.#port, caller.token));
    return inboxes;
  }

  /** After all trouble. */
  async #untilSubscribed(): Promise<void> {
    const isThere = ({ hearing }: Subscriber): boolean => (hearing?.since ?? 0) > this.#restartedAt;
    const end = Date.now() + 2 * this.#settleMs;
    while (!this.#subscribers.every(isThere) && Date.now() < end) await sleep(50);
  }

  #tellLast(user: Caller['user']): Promise<void> {
    const body = bodyOf(LAST_EVENT, user.id, 0);
    return this.#writeLast(inboxOf({ user }), { token: this.people.operator.token, body });
  }

  #sayLast({ source, members: [{ token }] }: Talk): Promise<void> {
    return this.#writeLast(source, { token, body: { text: textOf(LAST_EVENT, 0) } });
  }

  async #writeLast(source: Source, said: Pick<Call, 'token' | 'body'>): Promise<void> {
    const { status, body } = await call({ port: this.#port, method: 'POST', path: source.path, ...said });
    if (status !== 201) throw new Error(`The last of ${source.name} was answered with ${status}`);
    this.#writes.push({
      writer: 'the last writer',
      event: LAST_EVENT,
      users: [source.name],
      answer: 'acknowledged',
      row: source.rowOf(body as WireRow),
    });
  }

  async #untilHeard(inboxes: ReadonlyMap<string, readonly Row[]>): Promise<void> {
    const end = Date.now() + this.#settleMs;
    const isRead = (reader: Reader): boolean => reader.hasHeard(inboxes.get(reader.user)?.at(-1)?.seq ?? 0);
    const isDone = (): boolean =>
      this.#readers.every(isRead) && this.#areTopicsHeard() && this.#areQueuesEmpty();
    while (!isDone() && Date.now() < end) await sleep(50);
  }

  /** Everybody has what was published last. */
  #areTopicsHeard(): boolean {
    if (!this.#publishers.every(({ isDone }) => isDone)) return false;
    const last = this.#publishings.filter(({ isWhole }) => isWhole);
    return this.#subscribers.every(
      ({ hearing }) => hearing && last.every((publishing) => isHeardToTheEnd(hearing, publishing)),
    );
  }

  #areQueuesEmpty(): boolean {
    const had = new Set(this.#deliveries.map(({ producer, number }) => `${producer} ${number}`));
    return this.#puts.every(
      ({ isAcknowledged, producer, number }) => !isAcknowledged || had.has(`${producer} ${number}`),
    );
  }

  /** What isn't acknowledged yet, or is held by a node that doesn't hand it on. */
  async #leftInQueues(): Promise<readonly LeftInQueue[]> {
    const { databaseUrl } = this.options;
    if (!databaseUrl?.startsWith('postgres')) return [];
    const client = new Client({ connectionString: databaseUrl });
    await client.connect();
    try {
      const { rows } = await client.query<LeftInQueue>(
        'select queue, owner, count(*) as messages from queue_message group by queue, owner order by queue, owner',
      );
      return rows;
    } finally {
      await client.end();
    }
  }

  get #port(): number {
    const { port } = this.cluster.first;
    if (port === undefined) throw new Error('The server is down');
    return port;
  }
}
