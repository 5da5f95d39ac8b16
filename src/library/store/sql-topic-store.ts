import type { EntityManager } from 'typeorm';
import { isPattern } from '../broker/address.js';
import type { LogHead, LogOf } from '../broker/log.js';
import type { KeptTopic, TopicStore, TopicStoreServices } from '../broker/topic-store.js';
import { append } from './append.js';
import {
  checkDraft,
  keptMessages,
  keptOf,
  messageOf,
  newRowOf,
  VALUE_COLUMNS,
  type KeptMessage,
  type TopicDraft,
} from './kept-message.js';
import { number } from './number.js';
import { newEpoch } from './numbered-log.js';
import { prune } from './prune.js';
import { Pruning } from './pruning.js';
import { listsIn, rowsOf } from './rows.js';
import type { Store } from './store.js';
import { sweep } from './sweep.js';
import { TopicLog, type KeptTopics, type TopicRange } from './topic-log.js';
import type { Appended } from './transaction.js';

const DAY_MS = 24 * 60 * 60 * 1000;

interface OpenTopic extends KeptTopic {
  readonly id: number;
}

/**
 * Topics that keep their messages in the database. `tx.append(topics, draft, …)` adds to one within a unit of work; the
 * rows of a topic are bounded by their age and their number.
 */
export class SqlTopicStore implements TopicStore, KeptTopics {
  #topics: ReadonlyMap<string, OpenTopic> = new Map();
  #pruning: Pruning | undefined;

  constructor(private readonly store: Store) {}

  /** @throws {TypeError} an address that isn't one topic's */
  async open(topics: readonly KeptTopic[], { clock, limits, onFault }: TopicStoreServices): Promise<LogOf> {
    topics.forEach(checkTopic);
    const ids = await this.#idsOf(topics.map(({ address }) => address));
    this.#topics = new Map(
      topics.flatMap((topic) => {
        const id = ids.get(topic.address);
        return id === undefined ? [] : [[topic.address, { ...topic, id }]];
      }),
    );
    this.#pruning?.stop();
    this.#pruning = new Pruning('messages of topics', (now, limit) => this.#pruneSome(now, limit), {
      clock,
      limits,
      logError: (message, cause) => onFault(new Error(message, { cause })),
    });
    if (topics.length > 0) this.#pruning.start();
    const log = new TopicLog(this, this.store);
    return (address) => (this.#topics.has(address) ? log : undefined);
  }

  close(): void {
    this.#pruning?.stop();
  }

  /** Forgets now what is too old. @returns how many messages went */
  async prune(): Promise<number> {
    return (await this.#pruning?.prune()) ?? 0;
  }

  /** Makes every position that was ever given of a topic unknown: part of restoring a backup. */
  async renewEpochs(): Promise<void> {
    await this.store.write(({ manager }) => keptMessages.renewAll(manager));
  }

  /** @throws {RangeError} nothing is kept there */
  async head(address: string): Promise<LogHead> {
    const head = await keptMessages.head(this.store.readFor(address), this.#topic(address).id);
    if (!head) throw new RangeError(`The row of ${address} is gone`);
    return head;
  }

  /** Of those that keep nothing there is none. */
  async heads(addresses: readonly string[]): Promise<ReadonlyMap<string, LogHead>> {
    const kept = addresses.flatMap((address) => this.#topics.get(address) ?? []);
    const heads = await keptMessages.heads(
      this.store.read,
      kept.map(({ id }) => id),
    );
    return new Map(
      kept.flatMap(({ address, id }) => {
        const head = heads.get(id);
        return head ? [[address, head]] : [];
      }),
    );
  }

  /** Oldest first with `after`, else newest first (below `before`); neither bound is included. */
  async list(address: string, range: TopicRange): Promise<KeptMessage[]> {
    const rows = await keptMessages.page(this.store.readFor(address), {
      log: this.#topic(address).id,
      ...range,
    });
    return rows.map((row) => messageOf(address, row));
  }

  async endOf(address: string, after: number, limit: number, maxBytes: number): Promise<number | undefined> {
    const sizes = await rowsOf<{ seq: number; bytes: number }>(
      this.store.readFor(address),
      `select seq, length(body) + length(headers) as bytes from kept_message
       where topic_id = $1 and seq > $2 order by seq limit $3`,
      [this.#topic(address).id, after, limit],
    );
    let bytes = 0;
    return sizes.filter((row, i) => (bytes += row.bytes) <= maxBytes || i === 0).at(-1)?.seq;
  }

  check(draft: TopicDraft): void {
    this.#topic(draft.address);
    checkDraft(draft, this.store.limits.keptMessageBytes);
  }

  streamOf({ address }: TopicDraft): string {
    return `topic${address}`;
  }

  async append(
    manager: EntityManager,
    drafts: readonly TopicDraft[],
  ): Promise<readonly Appended<KeptMessage>[]> {
    const addresses = new Map(drafts.map(({ address }) => [this.#topic(address).id, address]));
    const appended = await append(manager, drafts, {
      tables: keptMessages.tables,
      placeOf: ({ address, dedupeKey }) => ({ log: this.#topic(address).id, dedupeKey }),
      findKeyed: async (keys) => {
        const rows = await keptMessages.findKeyed(manager, keys);
        return rows.map((row, i) => row && messageOf(addresses.get(keys[i]?.log ?? 0) ?? '', row));
      },
      insert: async (fresh) => {
        const rows = fresh.map((draft) => newRowOf(this.#topic(draft.address).id, draft));
        const places = await number(manager, keptMessages.tables, VALUE_COLUMNS, rows);
        return fresh.map((draft, i) => {
          const place = places[i];
          return place && keptOf(draft, place);
        });
      },
      noLog: (id) => new RangeError(`The row of ${addresses.get(id)} is gone`),
    });
    await this.#dropSurplus(manager, appended);
    return appended;
  }

  /** What is too much goes with what came, so that there is never more. */
  async #dropSurplus(manager: EntityManager, appended: readonly Appended<KeptMessage>[]): Promise<void> {
    const { keptMessages: most, pruneRows } = this.store.limits;
    const newest = new Map(
      appended.flatMap((answer) =>
        answer.outcome === 'added' ? [[answer.row.address, answer.row.seq]] : [],
      ),
    );
    for (const [address, seq] of newest) {
      if (seq <= most) continue;
      const surplus = 'select id from kept_message where topic_id = $1 and seq <= $2 order by seq limit $3';
      const limit = appended.length + pruneRows;
      await prune(manager, keptMessages.tables, surplus, [this.#topic(address).id, seq - most, limit]);
    }
  }

  async #pruneSome(now: number, limit: number): Promise<number> {
    let pruned = 0;
    for (const { id, days } of this.#topics.values()) {
      const old = `select id from kept_message where topic_id = $1 and created_at < $2
        order by created_at limit $3`;
      const which = [id, now - days * DAY_MS, limit - pruned];
      if (pruned < limit)
        pruned += await sweep(this.store, 'topics', (manager) =>
          prune(manager, keptMessages.tables, old, which),
        );
    }
    return pruned;
  }

  async #idsOf(addresses: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (addresses.length === 0) return new Map();
    return this.store.write(async ({ manager }) => {
      const lists = JSON.stringify(addresses.map((address) => [address, newEpoch()]));
      await rowsOf(
        manager,
        `insert into kept_topic (address, epoch) select value->>0, value->>1 from ${listsIn(manager, '$1')}
         where true on conflict (address) do nothing`,
        [lists],
      );
      const rows = await rowsOf<{ topic_id: number; address: string }>(
        manager,
        `select topic_id, address from kept_topic
         where address in (select value->>0 from ${listsIn(manager, '$1')})`,
        [lists],
      );
      return new Map(rows.map(({ topic_id, address }) => [address, topic_id]));
    });
  }

  #topic(address: string): OpenTopic {
    const topic = this.#topics.get(address);
    if (topic) return topic;
    throw new RangeError(`${address} keeps nothing: name it in the option \`keep\` of MessagingModule`);
  }
}

function checkTopic({ address, days }: KeptTopic): void {
  if (!address.startsWith('/topic/') || address === '/topic/' || isPattern(address) || address.length > 1_024)
    throw new TypeError(`${JSON.stringify(address)} can't be kept: name one topic, such as /topic/news`);
  if (!(days > 0)) throw new TypeError(`${address} is kept for ${days} days; it has to be more than 0`);
}
