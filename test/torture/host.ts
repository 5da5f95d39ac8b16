import { startServer, type RunningServer, type ServerOptions } from '../server.js';

/** The server as a process that is killed now and then, and comes back with its database as it was left. */
export class Host {
  #isUp = true;
  /** When it was killed, by the clock of `performance`. */
  readonly kills: number[] = [];
  /** Rejects when the server ends that nobody killed. */
  readonly failed: Promise<never>;
  #fail: (error: Error) => void = () => {};

  static async start(options: ServerOptions): Promise<Host> {
    const server = await startServer(options);
    return new Host(server, { ...options, directory: server.directory });
  }

  private constructor(
    private server: RunningServer,
    private readonly options: ServerOptions,
  ) {
    this.failed = new Promise((_, reject) => (this.#fail = reject));
    // Whoever doesn't ask isn't told.
    this.failed.catch(() => undefined);
    this.#watch(server);
  }

  /** Undefined while it is down. */
  get port(): number | undefined {
    return this.#isUp ? this.server.port : undefined;
  }

  get url(): string {
    return this.server.url;
  }

  /** What it logged since it was started last. */
  get output(): string {
    return this.server.output();
  }

  async restart(): Promise<void> {
    this.#isUp = false;
    this.kills.push(performance.now());
    this.server.kill('SIGKILL');
    await this.server.ended;
    this.server = await this.#startAgain();
    this.#watch(this.server);
    this.#isUp = true;
  }

  /** As a supervisor does: where the database is away just then it ends, and is started again. */
  async #startAgain(triesLeft = 5): Promise<RunningServer> {
    try {
      return await startServer(this.options);
    } catch (error) {
      if (triesLeft === 0) throw error;
      return this.#startAgain(triesLeft - 1);
    }
  }

  /** It stands still, with all of its connections, until `goOn`. */
  pause(): void {
    this.server.kill('SIGSTOP');
  }

  goOn(): void {
    this.server.kill('SIGCONT');
  }

  #watch(server: RunningServer): void {
    void server.ended.then(({ signal, code, output }) => {
      if (signal !== 'SIGKILL')
        this.#fail(new Error(`A server ended by itself (${signal ?? code}):\n${output}`));
    });
  }
}
