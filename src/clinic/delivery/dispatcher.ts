import type { Inbox } from '../../library/inbox/inbox.js';
import { Schedule } from '../../library/store/schedule.js';
import type { Store } from '../../library/store/store.js';
import type { Transaction } from '../../library/store/transaction.js';
import type { Limits } from '../limits.js';
import type { Preferences } from '../preferences/preferences.js';
import type { PreferencesService } from '../preferences/preferences.service.js';
import type { DeliveryChannel, Letter, Outcome, Target } from './channel.js';
import {
  addDeliveries,
  changeDeliveries,
  claimDue,
  isAnyDue,
  over,
  QUIET,
  waits,
  type Change,
  type Claim,
  type Delivery,
} from './delivery-table.js';
import { pauseAfter } from './retry.js';
import { judge } from './verdict.js';
import { wordsFor } from './words.js';

/** What a dispatcher works with. */
export interface Dispatch {
  readonly store: Store;
  readonly inbox: Inbox;
  readonly preferences: PreferencesService;
  readonly limits: Limits;
  readonly logError: (message: string, error: unknown) => void;
}

/**
 * Sends what is due on one channel, a few at once. Each node takes its share by claims in the database: a delivery is
 * claimed, judged, sent and settled, and comes again if its node dies in between. A channel whose far end hangs holds up
 * nothing but itself.
 */
export class Dispatcher<T extends Target = Target> {
  readonly #schedule: Schedule;
  readonly #sending = new Set<Promise<void>>();
  /** Those of these that hold a place: each ends when it gives it back. */
  readonly #places = new Set<Promise<void>>();
  /** How many are sent to whom. */
  readonly #sendingTo = new Map<number, number>();
  readonly #stopped = new AbortController();

  constructor(
    private readonly channel: DeliveryChannel<T>,
    private readonly dispatch: Dispatch,
  ) {
    const { limits, logError } = dispatch;
    this.#schedule = new Schedule({
      work: () => this.#sendDue(),
      everyMs: limits.deliveryPollMs,
      retryMs: limits.storeRetryMs,
      failed: (error) =>
        logError(`Could not look for what is due by ${channel.name}; tries until it can`, error),
    });
  }

  start(): void {
    this.#schedule.start();
  }

  /** What is on its way is given up, and left to the other nodes at once. */
  async stop(): Promise<void> {
    this.#schedule.stop();
    this.#stopped.abort();
    await Promise.allSettled(this.#sending);
  }

  async #sendDue(): Promise<void> {
    const { store, limits } = this.dispatch;
    while (!this.#schedule.isStopped) {
      const limit = limits.deliveriesAtOnce - this.#places.size;
      if (limit <= 0) {
        await Promise.race(this.#places);
        continue;
      }
      const wanted = { channel: this.channel.name, notTo: this.#busy };
      if (!(await isAnyDue(store.read, { ...wanted, now: new Date() }))) return;
      const { claimed, ready } = await store.write((tx) => this.#claim(tx, { ...wanted, limit }));
      for (const one of ready) this.#start(one);
      // Others were quicker.
      if (claimed === 0) return;
    }
  }

  /** To whom as much is sent as may be. */
  get #busy(): readonly number[] {
    const { deliveriesAtOncePerUser } = this.dispatch.limits;
    return [...this.#sendingTo].flatMap(([id, count]) => (count >= deliveriesAtOncePerUser ? [id] : []));
  }

  #start(ready: Ready<T>): void {
    const { userId } = ready.delivery;
    this.#count(userId, 1);
    const sending = this.#send(ready)
      .catch((error: unknown) =>
        this.dispatch.logError(
          `Could not note how a delivery by ${this.channel.name} went; it comes again`,
          error,
        ),
      )
      .finally(() => {
        this.#sending.delete(sending);
        this.#count(userId, -1);
      });
    this.#sending.add(sending);
    const place = within(sending, this.channel.placeMs).finally(() => this.#places.delete(place));
    this.#places.add(place);
  }

  #count(userId: number, change: number): void {
    const count = (this.#sendingTo.get(userId) ?? 0) + change;
    if (count > 0) this.#sendingTo.set(userId, count);
    else this.#sendingTo.delete(userId);
  }

  async #claim(
    { manager }: Transaction,
    wanted: Pick<Claim, 'channel' | 'notTo' | 'limit'>,
  ): Promise<{ claimed: number; ready: Ready<T>[] }> {
    const { inbox, preferences, limits } = this.dispatch;
    const now = new Date();
    const until = new Date(now.getTime() + limits.deliveryLeaseMs);
    const claimed = await claimDue(manager, { ...wanted, now, until });
    if (claimed.length === 0) return { claimed: 0, ready: [] };

    const users = [...new Set(claimed.map(({ userId }) => userId))];
    const entryOf = await inbox.findAll(
      claimed.map(({ notificationId }) => notificationId),
      manager,
    );
    const preferencesOf = await preferences.findAll(users, manager);
    const targetsOf = await this.channel.targetsOf(manager, users);
    const changes: Change[] = [];
    const ready: Ready<T>[] = [];
    for (const delivery of claimed) {
      const wishes = preferencesOf(delivery.userId);
      const verdict = judge(delivery, entryOf(delivery.notificationId), wishes, now);
      if (verdict.do === 'skip') changes.push(over(delivery, 'skipped', verdict.reason, now));
      else if (verdict.do === 'hold') changes.push(waits(delivery, 'held', QUIET, verdict.until, now));
      else {
        const { target, others, reason } = aimOf(delivery, targetsOf(delivery.userId));
        if (!target) {
          changes.push(over(delivery, 'skipped', reason, now));
          continue;
        }
        const aimed = { ...delivery, targetId: target.id, targetName: target.name };
        changes.push(aimed);
        await addDeliveries(
          manager,
          others.map(({ id, name }) => ({ ...delivery, targetId: id, targetName: name, dueAt: now })),
        );
        ready.push({ delivery: aimed, target, letter: letterOf(delivery, verdict.entry.message, wishes) });
      }
    }
    await changeDeliveries(manager, changes);
    return { claimed: claimed.length, ready };
  }

  async #send({ delivery, target, letter }: Ready<T>): Promise<void> {
    const { store } = this.dispatch;
    const outcome = await this.channel.send(target, letter, this.#stopped.signal);
    await store.write(async ({ manager }) => {
      await changeDeliveries(manager, [this.#after(delivery, outcome)]);
      if (outcome.result === 'gone') await this.channel.forget?.(manager, target);
    });
  }

  #after(delivery: Delivery, outcome: Outcome): Change {
    const { limits } = this.dispatch;
    const now = new Date();
    switch (outcome.result) {
      case 'sent':
        return over(delivery, 'sent', null, now);
      case 'gone':
      case 'refused':
        return over(delivery, 'failed', outcome.reason, now);
      case 'postponed': {
        const dueAt = new Date(now.getTime() + outcome.retryAfterMs);
        return waits(delivery, 'postponed', outcome.reason, dueAt, now);
      }
      case 'later': {
        const pause = pauseAfter(delivery.attempts, outcome.retryAfterMs ?? 0, limits);
        const dueAt = new Date(now.getTime() + pause);
        if (delivery.attempts >= limits.deliveryAttempts || dueAt >= delivery.expiresAt)
          return over(delivery, 'failed', outcome.reason, now);
        return waits(delivery, 'tried', outcome.reason, dueAt, now);
      }
    }
  }
}

/** Resolves when that has, or after a time. */
function within(work: Promise<void>, ms: number | undefined): Promise<void> {
  if (ms === undefined) return work;
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    void work.finally(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** A delivery that is this node's to send. */
interface Ready<T> {
  readonly delivery: Delivery;
  readonly target: T;
  readonly letter: Letter;
}

/** When it is due first, it goes to all that its reader has then: to the first itself, and a new one to each other. */
function aimOf<T extends Target>(
  { targetId }: Delivery,
  targets: readonly T[],
): { readonly target: T | undefined; readonly others: readonly T[]; readonly reason: string } {
  if (targetId !== null) {
    const target = targets.find(({ id }) => id === targetId);
    return { target, others: [], reason: 'device_removed' };
  }
  const [target, ...others] = targets;
  return { target, others, reason: 'nowhere' };
}

function letterOf(
  { id, notificationId, kind, isCritical, expiresAt, topic }: Delivery,
  message: string,
  wishes: Preferences,
): Letter {
  const words = wordsFor(kind, message, wishes);
  return { id: `${notificationId}.${id}`, notificationId, ...words, isCritical, expiresAt, topic };
}
