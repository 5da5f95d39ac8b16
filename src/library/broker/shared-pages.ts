import type { Log, LogMessage } from './log.js';
import type { Message } from './message.js';

interface Page {
  /** It has what follows this number. */
  readonly after: number;
  readonly rows: LogMessage[];
}

/** Pages that are kept for other readers: those who read at the same time are mostly at the same place. */
const KEPT_PAGES = 2;

/**
 * What readers of one address read at about the same time is read once: a user may have hundreds of them, and a database
 * that is asked by each answers nobody else. Kept while somebody reads.
 */
export class SharedPages {
  readonly #underWay = new Map<number, Promise<LogMessage[]>>();
  #kept: Page[] = [];
  readonly #replays = new WeakMap<LogMessage, Message>();
  #readers = 0;

  constructor(
    private readonly log: Log,
    private readonly address: string,
    private readonly limit: number,
  ) {}

  /** A reader begins to catch up; it calls `end` when it has, or waits for room. */
  begin(): void {
    this.#readers++;
  }

  end(): void {
    if (--this.#readers === 0) this.clear();
  }

  /** What was read may be wrong: the log has another epoch. */
  clear(): void {
    this.#kept = [];
  }

  /** What follows a number, in order; empty where nothing does. */
  async read(after: number): Promise<LogMessage[]> {
    const kept = this.#kept.find(
      (page) => after >= page.after && after < (page.rows.at(-1)?.position.seq ?? 0),
    );
    if (kept)
      return after === kept.after ? kept.rows : kept.rows.filter(({ position }) => position.seq > after);
    const underWay = this.#underWay.get(after);
    if (!underWay) return this.#ask(after);
    const rows = await underWay;
    if (rows.length > 0) return rows;
    // It may have been asked before that was there which this reader has heard of.
    return this.#underWay.get(after) ?? this.#ask(after);
  }

  /** A row as those get it who missed it. */
  replayed(row: LogMessage): Message {
    const known = this.#replays.get(row);
    if (known) return known;
    const { headers } = row;
    const made = { ...row, headers: new Map(headers).set('replayed', 'true') };
    this.#replays.set(row, made);
    return made;
  }

  #ask(after: number): Promise<LogMessage[]> {
    const asked = this.log.read(this.address, after, this.limit).then(
      (rows) => {
        this.#underWay.delete(after);
        if (rows.length > 0 && this.#readers > 0)
          this.#kept = [{ after, rows }, ...this.#kept].slice(0, KEPT_PAGES);
        return rows;
      },
      (error: unknown) => {
        this.#underWay.delete(after);
        throw error;
      },
    );
    this.#underWay.set(after, asked);
    return asked;
  }
}
