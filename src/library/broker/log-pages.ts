import type { LogMessage } from './log.js';

/**
 * Reads a log page by page. To a reader who takes whole pages the next one is read while the last is delivered: the
 * database works beside us, which makes a replay a sixth faster.
 */
export class LogPages {
  #end: number | undefined;
  #ahead: Promise<LogMessage[]> | undefined;

  constructor(
    private readonly source: { read(after: number): Promise<LogMessage[]> },
    /** Rows of a page that is full. */
    private readonly limit: number,
  ) {}

  /** What follows a number; empty where nothing does at the time of the call. */
  async after(position: number): Promise<LogMessage[]> {
    const isNext = position === this.#end;
    const ahead = isNext ? this.#ahead : undefined;
    this.#ahead = undefined;
    let page = ahead ? await ahead : [];
    // What was read ahead may be older than what was heard of since.
    if (page.length === 0) page = await this.#read(position);
    const end = page.at(-1)?.position.seq;
    this.#end = end;
    if (isNext && end !== undefined && page.length === this.limit) {
      this.#ahead = this.#read(end);
      // The next caller sees the failure; without this, an unused page would be an unhandled rejection.
      this.#ahead.catch(() => undefined);
    }
    return page;
  }

  #read(position: number): Promise<LogMessage[]> {
    return this.source.read(position);
  }
}
