import type { FaultKind } from './check.js';
import type { Row } from './history.js';

/** Of the event that ends a run: each user is told it as the last. */
export const LAST_EVENT = 'the last one';

/**
 * Does what the server must never do, once, to what one reader hears: between the wire and what is written down.
 * So a run shows that its checker would have noticed.
 */
export class Plant {
  #held: Row | undefined;
  #isDone = false;

  constructor(private readonly kind: FaultKind | undefined) {}

  /** @returns what is written down instead of this row */
  filter(row: Row): readonly Row[] {
    // By then every reader has had something; a reader who stays must still hear it.
    if (this.kind === 'lost') return row.event === LAST_EVENT ? [] : [row];
    if (this.#isDone || this.kind === undefined || row.event === LAST_EVENT) return [row];
    switch (this.kind) {
      case 'phantom':
        this.#isDone = true;
        return [{ ...row, event: 'what nobody wrote' }];
      case 'duplicated':
        this.#isDone = true;
        return [row, row];
      case 'reordered':
      case 'gap': {
        const held = this.#held;
        this.#held = row;
        if (!held) return [];
        this.#isDone = true;
        return this.kind === 'gap' ? [row] : [row, held];
      }
    }
  }

  /** What was held comes again on the next connection. */
  connectionEnded(): void {
    this.#held = undefined;
  }
}
