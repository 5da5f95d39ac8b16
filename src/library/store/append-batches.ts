import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { Limits } from '../limits.js';
import type { Append } from './appends.js';
import { isHeldUp, isOutage, translated } from './failure.js';
import { Lines } from './lines.js';
import { AppendsRefused, type ToldAppends } from './postgres-transaction.js';

/** Numbers, inserts and commits appends in one transaction. @throws {AppendsRefused} nothing was stored then */
type Commit = (appends: readonly Append[]) => Promise<ToldAppends>;

/**
 * The appends of units on PostgreSQL that did nothing else: what waits at the same time shares a transaction. One is on
 * its way at a time, and what comes meanwhile is in the next; owners take turns.
 *
 * The batches are in one of four states, and `next` says what may follow each:
 *
 * - `idle`: nothing waits. The next unit starts them.
 * - `gathering`: no batch is on its way. Until the event loop has gone round, new units join; then a batch is taken.
 * - `together`: the batch runs in one transaction. A draft that is refused makes its unit a culprit.
 * - `without culprits`: the others run again.
 *
 * Where a batch fails for any other reason than a database that is away, its units go on alone, each in a transaction of
 * its own and at the same time, and the next batch doesn't wait for them: what is wrong with one of them, or an inbox
 * that somebody holds, is nothing to the others.
 *
 * Nobody is answered before a COMMIT, nor before it was given up; each exactly once.
 */
export class AppendBatches {
  readonly #waiting = new Lines<Job>();
  #state: State = 'idle';

  constructor(
    private readonly commitTogether: Commit,
    private readonly commitAlone: Commit,
    private readonly limits: Pick<Limits, 'writeBatch'>,
  ) {}

  /** Resolves after COMMIT, when it was told of all rows. @throws what the unit fails with */
  add(appends: readonly Append[], owner: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(owner, { appends, resolve, reject });
      if (this.#state === 'idle') void this.#work();
    });
  }

  async #work(): Promise<void> {
    while (!this.#waiting.isEmpty) {
      this.#become('gathering');
      // Lets everyone join who writes in this turn of the loop, such as those whom the last commit has answered.
      await setImmediate();
      await this.#settle(this.#take());
    }
    this.#become('idle');
  }

  #become(state: State): void {
    assert(next[this.#state].includes(state), `Batches of appends can't go from ${this.#state} to ${state}`);
    this.#state = state;
  }

  /** Units with so many drafts as a batch may have; the last one may have more. */
  #take(): Job[] {
    const jobs: Job[] = [];
    for (let drafts = 0; drafts < this.limits.writeBatch && !this.#waiting.isEmpty;) {
      for (const job of this.#waiting.take(1)) {
        jobs.push(job);
        drafts += job.appends.length;
      }
    }
    return jobs;
  }

  async #settle(jobs: readonly Job[]): Promise<void> {
    let others = jobs;
    this.#become('together');
    while (others.length > 0) {
      const refused = await this.#attempt(others);
      if (refused.size === 0) return;
      others = others.filter((job) => !isRefused(job, refused));
      this.#become('without culprits');
    }
  }

  /** @returns what was refused: its units are answered then, and the others aren't; if empty, all are answered */
  async #attempt(jobs: readonly Job[]): Promise<Refused> {
    try {
      const told = await this.commitTogether(jobs.flatMap(({ appends }) => appends));
      for (const job of jobs) answer(job, told);
    } catch (error) {
      if (error instanceof AppendsRefused) {
        for (const job of jobs) if (isRefused(job, error.refused)) job.reject(reasonFor(job, error));
        return error.refused;
      }
      const mayGoOn = isHeldUp(error) || (jobs.length > 1 && !isOutage(error));
      for (const job of jobs) {
        if (mayGoOn) void this.#alone(job);
        else job.reject(translated(error));
      }
    }
    return new Map();
  }

  async #alone(job: Job): Promise<void> {
    try {
      answer(job, await this.commitAlone(job.appends));
    } catch (error) {
      job.reject(translated(reasonFor(job, error)));
    }
  }
}

/** When everybody was told of its rows. */
function answer({ appends, resolve }: Job, told: ToldAppends): void {
  void Promise.all(appends.flatMap((append) => told.get(append) ?? [])).then(() => resolve());
}

function isRefused({ appends }: Job, refused: Refused): boolean {
  return appends.some((append) => refused.has(append));
}

/** The first refusal of its drafts, if it was that. */
function reasonFor({ appends }: Job, error: unknown): unknown {
  if (!(error instanceof AppendsRefused)) return error;
  return appends.map((append) => error.refused.get(append)).find((reason) => reason !== undefined);
}

type Refused = AppendsRefused['refused'];

type State = 'idle' | 'gathering' | 'together' | 'without culprits';

const next: Readonly<Record<State, readonly State[]>> = {
  idle: ['gathering'],
  gathering: ['together'],
  together: ['without culprits', 'gathering', 'idle'],
  'without culprits': ['without culprits', 'gathering', 'idle'],
};

interface Job {
  readonly appends: readonly Append[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}
