import { Writable } from 'node:stream';
import type { Level } from 'pino';
import { LossyOutput } from './lossy-output.js';
import { PinoLogger } from './pino-logger.js';
import type { Limits } from '../limits.js';

/** What a process that ends gives its last lines. */
const FLUSH_MS = 500;

interface LogSettings {
  readonly logLevel: Level | 'silent';
  /** In each line, where there is one. */
  readonly nodeId: string | undefined;
  readonly limits: Pick<Limits, 'logBytes'>;
}

/** Where the log of this process goes: stderr, which never holds it up. */
export class ProcessLog {
  readonly logger: PinoLogger;
  readonly #errors: LossyOutput;
  readonly #output: LossyOutput;

  constructor({ logLevel, nodeId, limits }: LogSettings) {
    const options = { limitBytes: limits.logBytes, lossOf };
    this.#errors = new LossyOutput(2, options);
    this.#output = new LossyOutput(1, { ...options, lossOf: () => '' });
    this.logger = new PinoLogger(logLevel, nodeId, this.#errors);
  }

  /** Lines that didn't fit into what may wait. */
  get droppedLines(): number {
    return this.#errors.droppedLines;
  }

  /**
   * Takes over all that writes to the standard streams: warnings of Node's, libraries' `console`, and faults that nobody
   * caught, which end the process after they were said.
   */
  takeOver(): void {
    replace('stdout', (text) => this.#output.write(text));
    replace('stderr', (text) => this.logger.warn(text.trimEnd(), 'stderr'));
    process.removeAllListeners('warning');
    process.on('warning', (warning) => this.logger.warn(warning, 'Process'));
    process.on('uncaughtException', (error) => void this.#endBy(error));
    process.on('exit', () => this.#errors.flushNow());
  }

  /** To the person who started this, as it is. */
  say(text: string): void {
    this.#errors.write(`${text}\n`);
  }

  /** For what is said last. */
  async end(): Promise<void> {
    await Promise.all([this.#output.flushed(FLUSH_MS), this.#errors.flushed(FLUSH_MS)]);
  }

  async #endBy(error: Error): Promise<void> {
    this.logger.fatal('nobody caught this; the process ends', error, 'Process');
    await this.end();
    process.exit(1);
  }
}

function lossOf(lines: number): string {
  const time = new Date().toISOString();
  return `${JSON.stringify({ level: 40, time, context: 'Log', lines, msg: 'lines were dropped: the log was taken too slowly' })}\n`;
}

function replace(name: 'stdout' | 'stderr', write: (text: string) => void): void {
  const stream = new Writable({
    decodeStrings: false,
    write(text: string | Buffer, _, done) {
      write(text.toString());
      done();
    },
  });
  Object.defineProperty(process, name, { configurable: true, enumerable: true, get: () => stream });
}
