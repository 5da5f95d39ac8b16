import { startServer, type RunningServer, type ServerOptions } from '../server.js';

/** The server as a process that is killed now and then, and comes back with its database as it was left. */
export class Host {
  #isUp = true;

  static async start(options: ServerOptions): Promise<Host> {
    const server = await startServer(options);
    return new Host(server, { ...options, directory: server.directory });
  }

  private constructor(
    private server: RunningServer,
    private readonly options: ServerOptions,
  ) {}

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
    this.server.kill('SIGKILL');
    const { signal } = await this.server.ended;
    if (signal !== 'SIGKILL') throw new Error(`The server was gone before it was killed:\n${this.output}`);
    this.server = await startServer(this.options);
    this.#isUp = true;
  }
}
