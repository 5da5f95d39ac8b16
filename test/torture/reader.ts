import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from '../caller.js';
import type { Reading, Sighting } from './history.js';
import type { Network } from './network.js';
import type { Plant } from './plant.js';
import type { Random } from './random.js';
import { load, type Source } from './source.js';
import { jsonSocket } from './streams/json.js';
import { socketIo } from './streams/socket-io.js';
import { serverSentEvents } from './streams/sse.js';
import { xhrPolling, xhrStreaming } from './streams/sockjs.js';
import { stompJs } from './streams/stompjs.js';
import type { Listener, OpenStream, Stream } from './streams/stream.js';
import { webSocket } from './streams/websocket.js';
import type { Tally } from './tally.js';

/** To any log. */
const general: Readonly<Record<string, OpenStream>> = {
  websocket: webSocket,
  'xhr-streaming': xhrStreaming,
  'xhr-polling': xhrPolling,
  stompjs: stompJs,
  json: jsonSocket,
};

/** To an inbox. */
export const inboxTransports: Readonly<Record<string, OpenStream>> = {
  ...general,
  sse: serverSentEvents,
  'socket.io': socketIo,
};

/** To a conversation: what Socket.IO tells of it is kept nowhere. */
export const conversationTransports = general;

export interface ReaderOptions {
  readonly name: string;
  readonly caller: Caller;
  readonly source: Source;
  readonly transports: Readonly<Record<string, OpenStream>>;
  readonly random: Random;
  readonly network: Network;
  readonly plant: Plant;
  /**
   * Now and then this reader comes back with a position that nobody gave it. One from the future is an inbox that was
   * restored, so all readers of the user are told to reload.
   */
  readonly mayErr: boolean;
  readonly tally: Tally;
  /** Told of each row as it comes. */
  readonly seen: () => void;
}

/** A user at a device: comes back on one transport after the other, always with the last cursor. */
export class Reader {
  readonly #readings: (Reading & { sightings: Sighting[]; hasStayed: boolean })[] = [];
  /** Rejects when a server's words aren't what the protocol allows. */
  readonly failed: Promise<never>;
  #fail: (error: unknown) => void = () => {};
  #cursor = 'earliest';
  /** The highest number that came over a wire, whether it was written down or not. */
  #heard = 0;
  #transport = '';
  #stream: Stream | undefined;
  #isStopped = false;
  #isCalm = false;
  /** Up to here a reset left a hole that the list over REST has to fill. */
  #toReload: number | undefined;
  readonly #stopping = new AbortController();

  constructor(private readonly options: ReaderOptions) {
    this.failed = new Promise((_, reject) => (this.#fail = reject));
    this.#beginLife();
  }

  /** The name of what it reads. */
  get user(): string {
    return this.options.source.name;
  }

  get readings(): readonly Reading[] {
    return this.#readings;
  }

  /** Was told of everything up to this. */
  hasHeard(seq: number): boolean {
    return this.#heard >= seq && this.#toReload === undefined;
  }

  async run(): Promise<void> {
    const { random, network } = this.options;
    const reloading = this.#reload();
    while (!this.#isStopped) {
      network.roam();
      if (!network.isUp) {
        await this.#sleep(20);
        continue;
      }
      this.#stream = this.#connect();
      await this.#stream.ended;
      this.options.plant.connectionEnded();
      await this.#sleep(random.chance(0.1) ? random.between(500, 2_000) : random.between(0, 300));
      if (!this.#isCalm && random.chance(0.08)) this.#beginLife();
    }
    await reloading;
  }

  /** From now on he stays where he is, and comes back only when he is cut. */
  calm(): void {
    this.#isCalm = true;
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopping.abort();
    const life = this.#readings.at(-1);
    if (life) life.hasStayed = true;
    this.#stream?.close();
  }

  get #position(): number {
    return Number(this.#cursor.split(':')[1] ?? 0);
  }

  /** Forgets all that he had. */
  #beginLife(): void {
    this.#cursor = 'earliest';
    this.#heard = 0;
    this.#toReload = undefined;
    this.#readings.push({
      reader: `${this.options.name}.${this.#readings.length + 1}`,
      user: this.user,
      from: 0,
      sightings: [],
      hasStayed: false,
    });
  }

  #connect(): Stream {
    const { random, caller, source, transports, network, tally, mayErr } = this.options;
    this.#transport = random.pick(Object.keys(transports).filter((name) => name !== this.#transport));
    const open = transports[this.#transport];
    if (!open) throw new RangeError(this.#transport);
    const transport = this.#transport;
    return open({
      port: network.port,
      token: caller.token,
      destination: source.destination,
      since: this.#isCalm || !mayErr ? this.#cursor : perhapsWrong(this.#cursor, random),
      random,
      listener: this.#listener(() => tally.connections.add(transport)),
    });
  }

  #listener(opened: () => void): Listener {
    const { plant, source, tally, seen } = this.options;
    const write = (sighting: Sighting): unknown => this.#readings.at(-1)?.sightings.push(sighting);
    return {
      moved: (cursor) => {
        this.#cursor = cursor;
        write({ kind: 'moved', seq: this.#position });
      },
      resumed: ({ verdict, reason, from }, cursor) => {
        opened();
        tally.verdicts.add(verdict);
        this.#cursor = cursor;
        const seq = this.#position;
        const isDue = this.options.mayErr;
        write(
          verdict === 'complete'
            ? { kind: verdict, seq }
            : { kind: verdict, seq, isDue, why: `${reason} after ${from}` },
        );
        if (verdict === 'complete') return;
        this.#toReload = this.#heard = this.#position;
      },
      row: (told) => {
        seen();
        this.#heard = Math.max(this.#heard, told.seq);
        const epoch = told.cursor.split(':')[0] ?? '';
        for (const row of plant.filter(source.rowOf(told))) {
          tally.sightings += 1;
          write({ kind: 'row', row });
          if (row.seq > this.#position) this.#cursor = `${epoch}:${row.seq}`;
        }
      },
      refused: (code) => tally.errors.add(code),
      garbled: (error) => this.#fail(error),
    };
  }

  /** After a reset, the list over REST: up to where live goes on, the rest comes by itself. */
  async #reload(): Promise<void> {
    const { caller, source, network } = this.options;
    while (!this.#isStopped) {
      const upTo = this.#toReload;
      const life = this.#readings.at(-1);
      const loaded =
        upTo === undefined
          ? undefined
          : await load(source, network.port, caller.token).catch(() => undefined);
      // Meanwhile there may have been another reset, or another life.
      if (loaded && this.#toReload === upTo && this.#readings.at(-1) === life) {
        life?.sightings.push({ kind: 'reload', rows: loaded.filter(({ seq }) => seq <= (upTo ?? 0)) });
        this.#toReload = undefined;
      }
      await this.#sleep(50);
    }
  }

  /** @throws nothing: a reader who is stopped goes on at once */
  #sleep(ms: number): Promise<unknown> {
    return sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}

/** Now and then a position that can't be served: of another inbox, from the future, of no log at all. */
function perhapsWrong(cursor: string, random: Random): string {
  if (!cursor.includes(':') || !random.chance(0.04)) return cursor;
  const [epoch, seq] = cursor.split(':');
  return random.pick([
    `elsewhere:${seq}`,
    `elsewhere:${seq}`,
    `${epoch}:${Number(seq) + 1_000_000}`,
    'no cursor',
  ]);
}
