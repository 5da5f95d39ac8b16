import { randomBytes } from 'node:crypto';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { Client } from 'pg';
import type { Clock } from '../broker/clock.js';
import type { Limits } from '../limits.js';
import { systemClock } from '../transport/system-clock.js';
import { connect } from './postgres-client.js';
import { Schedule } from './schedule.js';

/** A node, as its row tells. */
export interface LiveNode {
  /** Of this start of it. */
  readonly id: string;
  /** Of the newest envelope that it reads from the others. */
  readonly version: number;
  /** STOMP sessions and event streams. */
  readonly connections: number;
  /** Whether it hears the others. */
  readonly relayUp: boolean;
}

/** What a node tells of itself with each beat. */
export type NodeState = Pick<LiveNode, 'connections' | 'relayUp'>;

/** Where the nodes of one database are written down, and how often. */
export interface NodesOptions {
  /** Of a PostgreSQL database that has the migration `Nodes`. */
  readonly databaseUrl: string;
  readonly version: number;
  readonly limits: Pick<Limits, 'nodeBeatMs' | 'nodeDeadMs'>;
  readonly clock?: Clock;
  /** Told of a beat that failed, unless the one before did too. */
  readonly logError: (message: string, error: unknown) => void;
  /** Told when this node takes another one for dead, and when it was taken for dead itself. */
  readonly logWarning?: (message: string) => void;
}

/** Beats in a row after which a node may say of another that it is dead: after an outage of the database nobody is. */
const BEATS_BEFORE_SWEEP = 3;

/**
 * The nodes that share a database. Each has a row, and beats: it writes the database's time into its row and reads all
 * rows, on a connection of its own, so that a full pool makes nobody look dead.
 *
 * A node whose row has had no beat for `nodeDeadMs` is dead: another one deletes the row. A node that finds its own row
 * gone was taken for dead. It begins again with a new id, and what the old one held is others' by now (`onLost`). From the
 * moment at which that may have happened until it knows, `isSure` is false.
 */
export class Nodes implements OnApplicationShutdown {
  #id = newId();
  #others: readonly LiveNode[] = [];
  #beatsInRow = 0;
  #sureUntil = 0;
  #client: Client | undefined;
  #state: () => NodeState = () => ({ connections: 0, relayUp: false });
  readonly #beats: Schedule;
  readonly #changed = new Set<() => void>();
  readonly #lost = new Set<() => void>();
  #beating: Promise<void> = Promise.resolve();

  private constructor(private readonly options: NodesOptions) {
    const { limits, clock = systemClock, logError } = options;
    this.#beats = new Schedule(
      {
        work: () => (this.#beating = this.#beat()),
        everyMs: limits.nodeBeatMs,
        failed: (error) => logError('This node could not tell the others that it lives', error),
      },
      clock,
    );
  }

  /** Writes this node's row, and beats from then on. */
  static async join(options: NodesOptions): Promise<Nodes> {
    const nodes = new Nodes(options);
    await nodes.#enter();
    await nodes.#beat();
    nodes.#beats.start();
    return nodes;
  }

  /** Of this node. It changes when the node was taken for dead. */
  get id(): string {
    return this.#id;
  }

  /** All that live, this one among them, by their ids. */
  get live(): readonly LiveNode[] {
    const { version } = this.options;
    return [...this.#others, { id: this.#id, version, ...this.#state() }].toSorted(byId);
  }

  get hasOthers(): boolean {
    return this.#others.length > 0;
  }

  /** Whether this is the node that does what one node does for all: it has the smallest id. */
  get isFirst(): boolean {
    return this.#others.every(({ id }) => this.#id < id);
  }

  /** What this one tells of itself now. */
  get state(): NodeState {
    return this.#state();
  }

  /** Whether no other node can have taken this one for dead. Time in which the process stood still counts. */
  isSure(): boolean {
    return performance.now() < this.#sureUntil;
  }

  /** Where the state of this node is looked up at each beat. */
  tell(state: () => NodeState): void {
    this.#state = state;
  }

  /** Calls back after a beat that showed another set of nodes, or something else of one of them. */
  onChange(listener: () => void): void {
    this.#changed.add(listener);
  }

  /** Calls back when this node was taken for dead and has a new id. */
  onLost(listener: () => void): void {
    this.#lost.add(listener);
  }

  /** Deletes this node's row: what it still holds is free at once. */
  async leave(): Promise<void> {
    this.#beats.stop();
    await this.#beating.catch(() => undefined);
    this.#sureUntil = 0;
    try {
      await this.#query('delete from node where id = $1', [this.#id]);
    } finally {
      await this.#disconnect();
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.leave();
  }

  async #beat(): Promise<void> {
    const startedAt = performance.now();
    const { nodeBeatMs, nodeDeadMs } = this.options.limits;
    // A process that stood still heard of no outage.
    const isLate = startedAt > this.#sureUntil - nodeDeadMs + 2.5 * nodeBeatMs;
    try {
      const { connections, relayUp } = this.#state();
      const rows = await this.#query<NodeRow>(BEAT, [this.#id, connections, relayUp]);
      if (!rows.some(({ isBeating }) => isBeating)) return await this.#startAnew();
      this.#sureUntil = startedAt + nodeDeadMs;
      this.#beatsInRow = isLate ? 1 : this.#beatsInRow + 1;
      const others = rows.filter(({ id }) => id !== this.#id);
      this.#show(others.filter(({ silentMs }) => silentMs <= nodeDeadMs));
      const dead = others.filter(({ silentMs }) => silentMs > nodeDeadMs);
      if (dead.length > 0 && this.#beatsInRow >= BEATS_BEFORE_SWEEP) await this.#bury(dead);
    } catch (error) {
      this.#beatsInRow = 0;
      await this.#disconnect();
      throw error;
    }
  }

  async #enter(): Promise<void> {
    const { connections, relayUp } = this.#state();
    const startedAt = performance.now();
    await this.#query(
      `insert into node (id, beat_at, started_at, version, connections, relay_up)
       values ($1, clock_timestamp(), clock_timestamp(), $2, $3, $4)`,
      [this.#id, this.options.version, connections, relayUp],
    );
    this.#sureUntil = startedAt + this.options.limits.nodeDeadMs;
  }

  async #startAnew(): Promise<void> {
    this.#sureUntil = 0;
    this.#beatsInRow = 0;
    const before = this.#id;
    this.#id = newId();
    this.options.logWarning?.(
      `The others took this node (${before}) for dead: what it held is theirs, and it goes on as ${this.#id}`,
    );
    this.#lost.forEach((listener) => listener());
    await this.#enter();
  }

  /** Of those that beat meanwhile none goes. */
  async #bury(dead: readonly LiveNode[]): Promise<void> {
    const { limits, logWarning } = this.options;
    const buried = await this.#query<Pick<LiveNode, 'id'>>(
      `delete from node where id = any($1) and beat_at < clock_timestamp() - $2 * interval '1 millisecond' returning id`,
      [dead.map(({ id }) => id), limits.nodeDeadMs],
    );
    for (const { id } of buried)
      logWarning?.(`Node ${id} was silent for ${limits.nodeDeadMs} ms and is dead: others get what it held`);
    this.#tellChange();
  }

  #show(rows: readonly LiveNode[]): void {
    const others = rows.map(({ id, version, connections, relayUp }) => ({
      id,
      version,
      connections,
      relayUp,
    }));
    const isSame = JSON.stringify(others) === JSON.stringify(this.#others);
    this.#others = others;
    if (!isSame) this.#tellChange();
  }

  #tellChange(): void {
    this.#changed.forEach((listener) => listener());
  }

  async #query<Row extends object>(sql: string, values: unknown[]): Promise<Row[]> {
    this.#client ??= await connect(this.options.databaseUrl, this.options.limits.nodeDeadMs);
    return (await this.#client.query<Row>(sql, values)).rows;
  }

  async #disconnect(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    // It may be broken already.
    await client?.end().catch(() => undefined);
  }
}

interface NodeRow extends LiveNode {
  /** Since its last beat, by the database's clock. */
  readonly silentMs: number;
  /** Whether this node's row was there. */
  readonly isBeating: boolean;
}

const BEAT = `
  with beat as (
    update node set beat_at = clock_timestamp(), connections = $2, relay_up = $3 where id = $1 returning id
  )
  select id, version, connections, relay_up as "relayUp",
    cast(extract(epoch from clock_timestamp() - beat_at) * 1000 as float) as "silentMs",
    exists (select 1 from beat) as "isBeating"
  from node order by id`;

/** Random, so that a node that begins again isn't taken for the one before. */
function newId(): string {
  return randomBytes(6).toString('base64url');
}

function byId(a: LiveNode, b: LiveNode): number {
  return a.id < b.id ? -1 : 1;
}
