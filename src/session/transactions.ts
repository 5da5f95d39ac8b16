import { StompError } from '../errors.js';
import type { Action } from './action.js';

/** What BEGIN opened in one connection: actions that were checked and are held until COMMIT. */
export class Transactions {
  readonly #open = new Map<string, { readonly held: Action[]; bytes: number }>();
  #bytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** @throws {StompError} duplicate_transaction, transaction_too_large */
  begin(name: string): void {
    // STOMP 1.2, BEGIN: transaction identifiers are unique within a connection.
    if (this.#open.has(name)) {
      throw new StompError(
        'duplicate_transaction',
        'A transaction of that name is open; COMMIT or ABORT it first.',
      );
    }
    this.#open.set(name, { held: [], bytes: this.#take(name.length) });
  }

  /** @throws {StompError} unknown_transaction, transaction_too_large */
  hold(name: string, action: Action, bytes: number): void {
    const transaction = this.#find(name);
    transaction.bytes += this.#take(bytes);
    transaction.held.push(action);
  }

  /** Ends it. @returns what was held, in order. @throws {StompError} unknown_transaction */
  end(name: string): readonly Action[] {
    const { held, bytes } = this.#find(name);
    this.#open.delete(name);
    this.#bytes -= bytes;
    return held;
  }

  #find(name: string): { readonly held: Action[]; bytes: number } {
    const transaction = this.#open.get(name);
    if (transaction) return transaction;
    throw new StompError('unknown_transaction', 'No transaction of that name is open; BEGIN it first.');
  }

  #take(bytes: number): number {
    const taken = bytes + OVERHEAD_BYTES;
    this.#bytes += taken;
    if (this.#bytes <= this.maxBytes) return taken;
    throw new StompError(
      'transaction_too_large',
      `The open transactions of a connection hold ${this.maxBytes} bytes at most; COMMIT sooner.`,
    );
  }
}

/** Of one entry, so that a million empty ones are counted as well. */
const OVERHEAD_BYTES = 200;
