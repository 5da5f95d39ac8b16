import type { EntityManager } from 'typeorm';
import type { Clock } from '../broker/clock.js';
import type { QueueBatch, QueueStore, Readiness, QueuedMessage } from '../broker/queue-store.js';
import { Refusal } from '../errors.js';
import type { Limits } from '../limits.js';
import { systemClock } from '../transport/system-clock.js';
import type { Nodes } from './nodes.js';
import { rowsOf } from './rows.js';
import { Schedule } from './schedule.js';
import { SharedCommits } from './shared-commits.js';
import { messageOf, type QueueRow } from './sql-queue-table.js';
import type { Store } from './store.js';

/** How a node looks for the messages of queues that it shares with other nodes. */
export interface SharedQueueOptions {
  readonly limits: Pick<Limits, 'queueLookMs' | 'queueLookTroubleMs' | 'headsDoubtMs' | 'storeRetryMs'>;
  readonly clock?: Clock;
  /** Told of faults that no client waits for. */
  readonly onFault: (error: unknown) => void;
}

/** What the store of queues has to know of the nodes. */
type SharingNodes = Pick<Nodes, 'id' | 'isSure' | 'hasOthers' | 'state' | 'onLost' | 'onChange'>;

/** Batches that share a commit. */
const COMMIT_BATCHES = 1_000;
/** Of the puts of a batch. */
type Positions = readonly (number | undefined)[];

/** What commits late may have a position so far below those that were claimed already. */
const LATE_POSITIONS = 5_000;

/**
 * The queues of several nodes on one PostgreSQL. A node holds the rows that have its id as `owner`: it claims them past
 * those that another claim has locked, or puts them as its own. What it says of other rows changes nothing, so a node that
 * was taken for dead harms nobody.
 *
 * Nodes tell each other which queues have something to claim (`onAnnounce`, `heard`). That costs promptness when it is
 * lost, and nothing else: each node looks by itself every `queueLookMs`, and frees what is owned by no node that lives.
 */
export class SharedQueueStore implements QueueStore {
  readonly isShared = true;
  readonly #held = new Set<number>();
  readonly #commits: SharedCommits<QueueBatch, Positions>;
  readonly #listeners = new Set<(queue: string) => void>();
  readonly #announcers = new Set<(queue: string, ready: Readiness) => void>();
  /** To be announced at the end of this turn. */
  readonly #toAnnounce = new Map<string, Readiness>();
  /** By queue: nothing that is free is below it, but for what came back. A claim needn't walk over rows that are gone. */
  readonly #lows = new Map<string, number>();
  /** Statements under way that change who owns what. */
  readonly #underWay = new Set<Promise<unknown>>();
  /** While it is looked up what this node owns without knowing. */
  #standstill: Promise<void> | undefined;
  /** Until then a commit whose answer was lost may still become visible. */
  #doubtUntil = 0;
  #lastLook = -Infinity;
  readonly #startedAt: number;
  #claims = 0;
  #leasesLost = 0;
  #isClosed = false;
  readonly #clock: Clock;
  readonly #looks: Schedule;

  private constructor(
    private readonly store: Store,
    private readonly nodes: SharingNodes,
    private readonly options: SharedQueueOptions,
  ) {
    const { limits, clock = systemClock, onFault } = options;
    this.#clock = clock;
    this.#startedAt = clock.monotonic();
    this.#commits = new SharedCommits(COMMIT_BATCHES, (batches) => this.#commit(batches));
    this.#looks = new Schedule(
      { work: () => this.#look(), everyMs: limits.queueLookTroubleMs, failed: onFault },
      clock,
    );
    nodes.onLost(() => {
      this.#leasesLost += this.#held.size;
      this.#held.clear();
      this.#lows.clear();
    });
    nodes.onChange(() => void this.#freeOrphans().catch(onFault));
  }

  /** Looks for messages from now on; its positions go on from those that a node gave which was alone. */
  static async open(
    store: Store,
    nodes: SharingNodes,
    options: SharedQueueOptions,
  ): Promise<SharedQueueStore> {
    await store.write(({ manager }) => rowsOf(manager, RAISE_POSITIONS));
    const queues = new SharedQueueStore(store, nodes, options);
    queues.#looks.start();
    return queues;
  }

  /** Messages that this node holds. */
  get claimed(): number {
    return this.#held.size;
  }

  /** Claims that brought something, since the start. */
  get claims(): number {
    return this.#claims;
  }

  /** Messages that this node held when it was taken for dead, since the start. */
  get leasesLost(): number {
    return this.#leasesLost;
  }

  isSure(): boolean {
    return !this.#isClosed && this.nodes.isSure();
  }

  async commit(batch: QueueBatch): Promise<Positions> {
    const positions = await this.#commits.add(batch);
    for (const { queue, mine } of batch.puts) if (!mine) this.#announce(queue, 'new');
    return positions;
  }

  async claim(queue: string, limit: number, maxBytes: number): Promise<QueuedMessage[]> {
    if (this.#isClosed) return [];
    return this.#keeping(async () => {
      const owner = this.nodes.id;
      const low = this.#lows.get(queue) ?? 0;
      const rows = await this.store.write(({ manager }) =>
        rowsOf<QueueRow>(manager, CLAIM, [owner, queue, low, limit, maxBytes]),
      );
      // It was taken for dead meanwhile: the node that looks next frees them.
      if (owner !== this.nodes.id) return [];
      const messages = rows.map((row) => messageOf(queue, row)).toSorted((a, b) => a.position - b.position);
      const [first] = messages;
      if (!first) return [];
      this.#claims++;
      this.#lows.set(queue, first.position - LATE_POSITIONS);
      messages.forEach(({ position }) => this.#held.add(position));
      return messages;
    });
  }

  async release(_queue: string, positions: readonly number[]): Promise<void> {
    if (positions.length > 0) await this.commit({ puts: [], removes: [], counts: [], frees: positions });
  }

  async lengths(): Promise<ReadonlyMap<string, number>> {
    const queues = await rowsOf<{ queue: string; length: number }>(
      this.store.read,
      'select queue, count(*) as length from queue_message group by queue',
    );
    return new Map(queues.map(({ queue, length }) => [queue, length]));
  }

  onReady(listener: (queue: string) => void): void {
    this.#listeners.add(listener);
  }

  onLost(listener: () => void): void {
    this.nodes.onLost(listener);
  }

  /** Calls back when the other nodes should hear of a queue; once for all that happens in a turn of the loop. */
  onAnnounce(listener: (queue: string, ready: Readiness) => void): void {
    this.#announcers.add(listener);
  }

  /** Another node announced a queue. */
  heard(queue: string, ready: Readiness): void {
    if (ready === 'back') this.#lows.delete(queue);
    this.#tellReady(queue);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#looks.stop();
    await Promise.allSettled(this.#underWay);
    const freed = await this.#write<{ queue: string }>(
      `with freed as (update queue_message set owner = null where owner = $1 returning queue)
       select distinct queue from freed`,
      [this.nodes.id],
    );
    this.#held.clear();
    freed.forEach(({ queue }) => this.#toAnnounce.set(queue, 'back'));
    this.#announceAll();
  }

  async #commit(batches: readonly QueueBatch[]): Promise<Positions[]> {
    return this.#keeping(async () => {
      const owner = this.nodes.id;
      const puts = batches.flatMap((batch) => batch.puts);
      const removes = batches.flatMap((batch) => batch.removes);
      const counts = batches.flatMap((batch) => batch.counts);
      const frees = batches.flatMap((batch) => batch.frees);
      const { positions, freed } = await this.store.write(async ({ manager }) => {
        const inserted = await insert(manager, puts, owner);
        await count(manager, counts, owner);
        await remove(manager, removes, owner);
        return { positions: inserted, freed: await free(manager, frees, owner) };
      });
      for (const queue of freed) {
        this.#lows.delete(queue);
        this.#announce(queue, 'back');
      }
      if (owner === this.nodes.id) {
        for (const [i, { mine }] of puts.entries()) {
          const position = positions[i];
          if (mine && position !== undefined) this.#held.add(position);
        }
        [...removes, ...frees].forEach((position) => this.#held.delete(position));
      }
      let at = 0;
      return batches.map((batch) => positions.slice(at, (at += batch.puts.length)));
    });
  }

  /** Runs what changes who owns what, when nobody looks that up. */
  async #keeping<T>(work: () => Promise<T>): Promise<T> {
    while (this.#standstill) await this.#standstill;
    const working = work();
    this.#underWay.add(working);
    try {
      return await working;
    } catch (error) {
      // Its COMMIT may have gone out, and come through.
      if (error instanceof Refusal)
        this.#doubtUntil = this.#clock.monotonic() + this.options.limits.headsDoubtMs;
      throw error;
    } finally {
      this.#underWay.delete(working);
    }
  }

  /** Tells of what this node wasn't told of. While it hears the others, most looks are left out. */
  async #look(): Promise<void> {
    if (!this.#isDue()) return;
    if (this.#clock.monotonic() < this.#doubtUntil) await this.#freeUnknown();
    await this.#freeOrphans();
    this.#lows.clear();
    const waiting = await rowsOf<{ name: string }>(this.store.read, WAITING_QUEUES);
    waiting.forEach(({ name }) => this.#tellReady(name));
  }

  #isDue(): boolean {
    const now = this.#clock.monotonic();
    const { queueLookMs, queueLookTroubleMs } = this.options.limits;
    // The schedule's own interval is the shorter one.
    // One that put something before it knew of this node has told nobody.
    const isKnown = now - this.#startedAt > 3 * queueLookTroubleMs;
    if (isKnown && this.nodes.state.relayUp && now - this.#lastLook < queueLookMs - queueLookTroubleMs / 2)
      return false;
    this.#lastLook = now;
    return true;
  }

  /** What is owned by no node that lives comes again, to the node that claims it first. */
  async #freeOrphans(): Promise<void> {
    if (this.#isClosed) return;
    const orphans = await rowsOf<{ name: string }>(this.store.read, DEAD_OWNERS);
    if (orphans.length === 0) return;
    const freed = await this.#write<{ queue: string }>(FREE_ORPHANS, [orphans.map(({ name }) => name)]);
    for (const { queue } of freed) {
      this.#lows.delete(queue);
      this.#tellReady(queue);
      this.#announce(queue, 'back');
    }
  }

  /** Frees what this node owns and doesn't know of: the answer of its commit was lost. */
  async #freeUnknown(): Promise<void> {
    let goOn = (): void => {};
    this.#standstill = new Promise((resolve) => (goOn = resolve));
    try {
      await Promise.allSettled(this.#underWay);
      const freed = await this.#write<{ queue: string }>(
        `with freed as (
           update queue_message set owner = null where owner = $1 and not position = any($2) returning queue
         ) select distinct queue from freed`,
        [this.nodes.id, [...this.#held]],
      );
      freed.forEach(({ queue }) => this.#announce(queue, 'back'));
    } finally {
      this.#standstill = undefined;
      goOn();
    }
  }

  #write<Row>(sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    return this.store.write(({ manager }) => rowsOf<Row>(manager, sql, parameters));
  }

  #tellReady(queue: string): void {
    this.#listeners.forEach((listener) => listener(queue));
  }

  #announce(queue: string, ready: Readiness): void {
    if (!this.nodes.hasOthers) return;
    if (this.#toAnnounce.size === 0) setImmediate(() => this.#announceAll());
    if (ready === 'back' || !this.#toAnnounce.has(queue)) this.#toAnnounce.set(queue, ready);
  }

  #announceAll(): void {
    const all = [...this.#toAnnounce];
    this.#toAnnounce.clear();
    for (const [queue, ready] of all) this.#announcers.forEach((listener) => listener(queue, ready));
  }
}

/** @returns their positions, in the order of the puts; undefined where what it was to replace isn't this node's */
async function insert(manager: EntityManager, all: QueueBatch['puts'], owner: string): Promise<Positions> {
  const replaced = await heldOf(
    manager,
    all.flatMap(({ insteadOf }) => insteadOf ?? []),
    owner,
  );
  const isPut = ({ insteadOf }: QueueBatch['puts'][number]): boolean =>
    insteadOf === undefined || replaced.has(insteadOf);
  const puts = all.filter(isPut);
  if (puts.length === 0) return all.map(() => undefined);
  const rows = await rowsOf<{ position: number }>(
    manager,
    `insert into queue_message (queue, headers, body, deliveries, owner)
     select queue, headers, body, deliveries, owner
     from unnest($1::text[], $2::text[], $3::bytea[], $4::int[], $5::text[])
       with ordinality as put (queue, headers, body, deliveries, owner, at)
     order by at
     returning position`,
    [
      puts.map(({ queue }) => queue),
      puts.map(({ headers }) => JSON.stringify([...headers])),
      puts.map(({ body }) => Buffer.from(body.buffer, body.byteOffset, body.byteLength)),
      puts.map(({ deliveries }) => deliveries),
      puts.map(({ mine }) => (mine ? owner : null)),
    ],
  );
  // The sequence rises with the rows.
  const positions = rows.map(({ position }) => position).toSorted((a, b) => a - b);
  let at = 0;
  return all.map((put) => (isPut(put) ? positions[at++] : undefined));
}

/** @returns those of the positions that this node holds, until the transaction ends */
async function heldOf(
  manager: EntityManager,
  positions: readonly number[],
  owner: string,
): Promise<ReadonlySet<number>> {
  if (positions.length === 0) return new Set();
  const rows = await rowsOf<{ position: number }>(
    manager,
    'select position from queue_message where position = any($1) and owner = $2 for update',
    [positions, owner],
  );
  return new Set(rows.map(({ position }) => position));
}

/** Counts only rise: one that was tried again comes after a later one. */
async function count(manager: EntityManager, counts: QueueBatch['counts'], owner: string): Promise<void> {
  if (counts.length === 0) return;
  await rowsOf(
    manager,
    `update queue_message as message set deliveries = greatest(message.deliveries, counted.deliveries)
     from (
       select position, max(deliveries) as deliveries
       from unnest($1::bigint[], $2::int[]) as given (position, deliveries) group by position
     ) as counted
     where message.position = counted.position and message.owner = $3`,
    [counts.map(({ position }) => position), counts.map(({ deliveries }) => deliveries), owner],
  );
}

async function remove(manager: EntityManager, positions: readonly number[], owner: string): Promise<void> {
  if (positions.length === 0) return;
  await rowsOf(manager, 'delete from queue_message where position = any($1) and owner = $2', [
    positions,
    owner,
  ]);
}

/** @returns the queues of what is free now */
async function free(manager: EntityManager, positions: readonly number[], owner: string): Promise<string[]> {
  if (positions.length === 0) return [];
  const rows = await rowsOf<{ queue: string }>(
    manager,
    `with freed as (
       update queue_message set owner = null where position = any($1) and owner = $2 returning queue
     ) select distinct queue from freed`,
    [positions, owner],
  );
  return rows.map(({ queue }) => queue);
}

/** Sizes first, so that no more bodies are read than there is room for. */
const CLAIM = `
  with free as (
    select position, octet_length(body) + 2 * octet_length(headers) as bytes from queue_message
    where queue = $2 and owner is null and position > $3
    order by position limit $4 for update skip locked
  ), fitting as (
    select position from (
      select position, sum(bytes) over (order by position) as total, row_number() over (order by position) as place
      from free
    ) as measured
    where total <= $5 or place = 1
  )
  update queue_message set owner = $1 where position in (select position from fitting)
  returning position, headers, body, deliveries`;

/** Each distinct value by one look into the index: there may be a million rows of it. */
const DEAD_OWNERS = `
  with recursive owners as (
    select min(owner) as name from queue_message where owner is not null
    union all
    select (select min(owner) from queue_message where owner > owners.name) from owners where name is not null
  )
  select name from owners where name is not null and not exists (select 1 from node where id = name)`;

const WAITING_QUEUES = `
  with recursive queues as (
    (select queue as name from queue_message where owner is null order by queue, position limit 1)
    union all
    select (
      select queue from queue_message where owner is null and queue > queues.name order by queue, position limit 1
    ) from queues where name is not null
  )
  select name from queues where name is not null`;

/** A node that began to live meanwhile keeps what it has. */
const FREE_ORPHANS = `
  with freed as (
    update queue_message set owner = null, deliveries = deliveries + 1
    where owner = any($1) and not exists (select 1 from node where id = owner)
    returning queue
  ) select distinct queue from freed`;

/** The lock (1129466958 is "CRLN", as of migrations) makes nodes that start at once do it in turn: the clock of the second is then ahead of all that the first gave. */
const RAISE_POSITIONS = `
  with turn as materialized (select pg_advisory_xact_lock(1129466958, 2)),
  least as (
    select greatest(
      coalesce((select max(position) from queue_message), 0),
      cast(extract(epoch from clock_timestamp()) * 1000000 as bigint)
    ) as position from turn
  )
  select setval(pg_get_serial_sequence('queue_message', 'position'), position) from least
  where position > (select coalesce(pg_sequence_last_value(pg_get_serial_sequence('queue_message', 'position')), 0))`;
