import { Refusal } from '../errors.js';
import type { Action } from './work.js';
import type { Share } from './share.js';

/** A transaction that is open no longer. */
export interface ClosedTransaction {
  /** In order. */
  readonly held: readonly Action[];
  readonly bytes: number;
}

/** What BEGIN opened in one connection: actions that were checked and are held until COMMIT. */
export class Transactions {
  readonly #open = new Map<string, { readonly held: Action[]; bytes: number }>();
  #bytes = 0;
  #isClosed = false;

  constructor(
    private readonly maxBytes: number,
    private readonly share: Pick<Share, 'transactions' | 'limits'>,
  ) {}

  /** @throws {Refusal} duplicate_transaction, transaction_too_large */
  begin(name: string): void {
    // STOMP 1.2, BEGIN: transaction identifiers are unique within a connection.
    if (this.#open.has(name)) {
      throw new Refusal(
        'duplicate_transaction',
        'A transaction of that name is open; COMMIT or ABORT it first.',
      );
    }
    this.#open.set(name, { held: [], bytes: this.#take(name.length) });
  }

  /** @throws {Refusal} unknown_transaction, transaction_too_large */
  hold(name: string, action: Action, bytes: number): void {
    const transaction = this.#find(name);
    transaction.bytes += this.#take(bytes);
    transaction.held.push(action);
  }

  /** Ends it. What was held is held, and counts, until it is `forget`-ed. @throws {Refusal} unknown_transaction */
  end(name: string): ClosedTransaction {
    const { held, bytes } = this.#find(name);
    this.#open.delete(name);
    return { held, bytes };
  }

  /** All of it was done, or nothing will be. */
  forget({ bytes }: ClosedTransaction): void {
    if (!this.#isClosed) this.#give(bytes);
  }

  /** The connection is over, and nothing of them will be done. */
  close(): void {
    this.#isClosed = true;
    this.#open.clear();
    this.#give(this.#bytes);
  }

  #find(name: string): { readonly held: Action[]; bytes: number } {
    const transaction = this.#open.get(name);
    if (transaction) return transaction;
    throw new Refusal('unknown_transaction', 'No transaction of that name is open; BEGIN it first.');
  }

  #take(bytes: number): number {
    const taken = bytes + OVERHEAD_BYTES;
    if (this.#bytes + taken > this.maxBytes) {
      throw tooLarge(`The open transactions of a connection hold ${this.maxBytes} bytes at most`);
    }
    if (this.share.transactions.isOver(this.#bytes, taken)) {
      throw tooLarge(
        `The open transactions of one user hold ${this.share.limits.transactionBytesPerUser} bytes at most`,
      );
    }
    this.#bytes += taken;
    this.share.transactions.add(taken);
    return taken;
  }

  #give(bytes: number): void {
    this.#bytes -= bytes;
    this.share.transactions.add(-bytes);
  }
}

function tooLarge(message: string): Refusal {
  return new Refusal('transaction_too_large', `${message}; COMMIT sooner.`);
}

/** Of one entry, so that a million empty ones are counted as well. */
const OVERHEAD_BYTES = 200;
