import type { Limits } from '../limits.js';
import { Budget } from './budget.js';

/** What the connections of one user may hold together. */
export type ShareLimits = Pick<
  Limits,
  | 'subscriptionsPerUser'
  | 'inputBytesPerUser'
  | 'pendingBytesPerUser'
  | 'transactionBytesPerUser'
  | 'unsettledBytesPerUser'
  | 'outboxBytesPerUser'
>;

/**
 * What the connections of one user hold together: each of them is bounded, and there may be a hundred. Budgets are made
 * when something is in them, since most of ten thousand users have one connection that holds nothing.
 */
export class Share {
  /** How many hold it. */
  connections = 0;
  subscriptions = 0;
  #input: Budget | undefined;
  #pending: Budget | undefined;
  #transactions: Budget | undefined;
  #unsettled: Budget | undefined;
  #outbox: Budget | undefined;

  constructor(readonly limits: ShareLimits) {}

  /** Bytes of frames that have begun and not ended. */
  get input(): Budget {
    return (this.#input ??= new Budget(this.limits.inputBytesPerUser, this));
  }

  /** Of frames whose work isn't finished. */
  get pending(): Budget {
    return (this.#pending ??= new Budget(this.limits.pendingBytesPerUser, this));
  }

  /** Of frames that wait for COMMIT. */
  get transactions(): Budget {
    return (this.#transactions ??= new Budget(this.limits.transactionBytesPerUser, this));
  }

  /** Of messages that were delivered, and that their queue keeps until they are settled. */
  get unsettled(): Budget {
    return (this.#unsettled ??= new Budget(this.limits.unsettledBytesPerUser, this));
  }

  /** Of what waits to be read. */
  get outbox(): Budget {
    return (this.#outbox ??= new Budget(this.limits.outboxBytesPerUser, this));
  }
}
