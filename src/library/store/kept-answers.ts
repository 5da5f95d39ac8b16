import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Refusal } from '../errors.js';
import type { Limits } from '../limits.js';
import { ownerOf } from './owner.js';
import { rowsOf } from './rows.js';
import { Schedule } from './schedule.js';
import type { Store } from './store.js';
import { sweep } from './sweep.js';
import type { Transaction } from './transaction.js';

/** A request that its sender may send again, not knowing whether it was heard. */
export interface KeyedRequest {
  /** The id of the user who chose the key. */
  readonly owner: number;
  /** 255 characters at most. */
  readonly key: string;
  /** The same for the same request, and for no other; 64 characters at most. */
  readonly fingerprint: string;
}

/** One with a key, or without. */
export type AnyRequest = KeyedRequest | (Pick<KeyedRequest, 'owner'> & { readonly key?: undefined });

/** An answer, and whether it is the one of an earlier call. */
export interface Kept<T> {
  readonly answer: T;
  /** It was given before, and nothing was done this time. */
  readonly isReplayed: boolean;
}

/**
 * Answers of units of work, kept beside what these changed and committed with it: a client that asks again, also after a
 * crash, gets the same answer, and nothing happens twice. Failures aren't kept: a second try may succeed. Neither
 * are answers of what changed nothing: doing that again is as if it came later, and it must cost no row.
 */
export class KeptAnswers implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger(KeptAnswers.name);
  readonly #schedule: Schedule;

  constructor(
    private readonly store: Store,
    private readonly limits: Pick<Limits, 'keptAnswerMs' | 'keptAnswers' | 'pruneRows' | 'pruneEveryMs'>,
  ) {
    this.#schedule = new Schedule({
      work: () => this.prune(),
      everyMs: limits.pruneEveryMs,
      failed: (error) =>
        this.#logger.error('Old answers could not be pruned; it is tried until it can', error),
    });
  }

  /**
   * Runs a unit of work, unless its request was answered before. Of requests that come at the same time one does the
   * work, the others wait for its answer.
   * @param request without, or without a key, the work is simply done
   * @param work its value is kept as JSON
   * @param revive the value again, from that JSON
   * @throws {Refusal} idempotency_conflict: the key belongs to another request; or as `store.write`
   */
  async once<T>(
    request: AnyRequest | undefined,
    work: (tx: Transaction) => Promise<T>,
    revive: (json: unknown) => T,
  ): Promise<Kept<T>> {
    const owner = request && ownerOf(request.owner);
    if (request?.key === undefined) return { answer: await this.store.write(work, owner), isReplayed: false };
    return this.store.write(async (tx) => {
      await lockKey(tx.manager, request);
      const kept = await this.#find(tx.manager, request);
      if (kept && kept.fingerprint !== request.fingerprint)
        throw new Refusal(
          'idempotency_conflict',
          'This Idempotency-Key was used for another request; take a new one.',
        );
      if (kept) return { answer: revive(JSON.parse(kept.answer)), isReplayed: true };

      const answer = await work(tx);
      if (tx.hasChanges) await keep(tx.manager, request, answer);
      return { answer, isReplayed: false };
    }, owner);
  }

  async #find(
    manager: EntityManager,
    { owner, key }: KeyedRequest,
  ): Promise<{ fingerprint: string; answer: string } | undefined> {
    const [kept] = await rowsOf<{ fingerprint: string; answer: string }>(
      manager,
      `select fingerprint, answer from kept_answer
       where owner_id = $1 and request_key = $2 and created_at > $3`,
      [owner, key, this.#oldest],
    );
    return kept;
  }

  onApplicationBootstrap(): void {
    this.#schedule.start();
  }

  onApplicationShutdown(): void {
    this.#schedule.stop();
  }

  /**
   * Forgets those that are past their time, and the oldest of an owner who has too many, in small steps, so that nobody
   * waits for it.
   * @returns how many
   */
  async prune(): Promise<number> {
    let pruned = await this.#pruneInSteps('where created_at <= $1', [this.#oldest]);
    const { keptAnswers } = this.limits;
    const owners = await rowsOf<{ owner_id: number; answers: number }>(
      this.store.read,
      'select owner_id, count(*) as answers from kept_answer group by owner_id having count(*) > $1',
      [keptAnswers],
    );
    for (const { owner_id, answers } of owners)
      pruned += await this.#pruneInSteps('where owner_id = $1', [owner_id], answers - keptAnswers);
    return pruned;
  }

  /** The oldest first. */
  async #pruneInSteps(which: string, parameters: readonly unknown[], atMost = Infinity): Promise<number> {
    let pruned = 0;
    for (let step = Infinity; step > 0 && pruned < atMost && !this.#schedule.isStopped; pruned += step)
      step = await this.#pruneSome(which, parameters, Math.min(this.limits.pruneRows, atMost - pruned));
    return pruned;
  }

  #pruneSome(which: string, parameters: readonly unknown[], atMost: number): Promise<number> {
    return sweep(this.store, 'kept answers', async (manager) => {
      const pruned = await rowsOf(
        manager,
        `delete from kept_answer where (owner_id, request_key) in
           (select owner_id, request_key from kept_answer ${which} order by created_at limit $2)
         returning 1`,
        [...parameters, atMost],
      );
      return pruned.length;
    });
  }

  get #oldest(): number {
    return Date.now() - this.limits.keptAnswerMs;
  }
}

/**
 * On PostgreSQL, holds other requests with the same key until this transaction has ended; on SQLite units run in turn.
 * A lock, not a row: what is refused afterwards has then written nothing.
 */
async function lockKey(manager: EntityManager, { owner, key }: KeyedRequest): Promise<void> {
  if (manager.connection.options.type !== 'postgres') return;
  await rowsOf(manager, 'select pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `kept_answer ${owner} ${key}`,
  ]);
}

async function keep(
  manager: EntityManager,
  { owner, key, fingerprint }: KeyedRequest,
  answer: unknown,
): Promise<void> {
  await rowsOf(
    manager,
    // One that is past its time may still be there.
    `insert into kept_answer (owner_id, request_key, fingerprint, answer, created_at) values ($1, $2, $3, $4, $5)
     on conflict (owner_id, request_key) do update
     set fingerprint = excluded.fingerprint, answer = excluded.answer, created_at = excluded.created_at`,
    [owner, key, fingerprint, JSON.stringify(answer), Date.now()],
  );
}
