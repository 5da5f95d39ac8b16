/**
 * Keeps the order of numbers where commits of one stream are answered on different connections: PostgreSQL frees
 * the inbox row before it answers the COMMIT, so the next transaction's answer may overtake it.
 *
 * A transaction takes its place when its rows are numbered, which is before its COMMIT is sent. A transaction that takes a
 * higher number of the same stream got the row's lock after that COMMIT, so within this process places are taken
 * in the order of numbers. (What other nodes write comes over the relay, where feeds put it in order.)
 */
export class Sequencer {
  readonly #streams = new Map<string, CallTurn[]>();

  enter(stream: string): CallTurn {
    const line = this.#streams.get(stream) ?? [];
    this.#streams.set(stream, line);
    const place: CallTurn = {
      settle: (call) => {
        place.call = call;
        this.#advance(stream, line);
      },
    };
    line.push(place);
    return place;
  }

  /** Calls the one at the front if it has been settled, and those behind, up to one whose COMMIT is on its way. */
  #advance(stream: string, line: CallTurn[]): void {
    for (let first = line[0]; first?.call; first = line[0]) {
      line.shift();
      first.call();
    }
    if (line.length === 0 && this.#streams.get(stream) === line) this.#streams.delete(stream);
  }
}

/** A turn that was taken in a row of calls. */
export interface CallTurn {
  /** What to call in its turn; for a commit that failed, something that does nothing. Must not throw. */
  settle(call: () => void): void;
  /** Set by `settle`. */
  call?: () => void;
}
