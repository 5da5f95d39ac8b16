import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../free-port.js';
import { signIn, type Caller } from '../caller.js';
import { startServer, type RunningServer } from '../server.js';

export interface NodeOptions {
  /** Of its old generation, in MB; Node's own choice without. */
  readonly heapMegabytes?: number | undefined;
}

/** What a process holds. */
export interface Holdings {
  readonly descriptors: number;
  /** Of the descriptors. */
  readonly sockets: number;
  /** As `/metrics` counts them: sessions and streams. */
  readonly connections: number;
  readonly residentBytes: number;
  /** After a collection. */
  readonly heapBytes: number;
}

/** As seen from outside, at any moment: nothing is asked of the node. */
export type Sighting = Pick<Holdings, 'descriptors' | 'sockets' | 'residentBytes'>;

const SAMPLE_MS = 250;

/** The built server as a process of its own, watched from outside and from a module inside of it. */
export class AttackedNode {
  #hasEnded = false;
  /** What it held at most since this was cleared. */
  #peak: Sighting = nothing;
  #isWatched = true;
  readonly #watching: Promise<void>;

  static async start({ heapMegabytes }: NodeOptions = {}): Promise<AttackedNode> {
    const tcpPort = await freePort();
    const server = await startServer({
      preload: 'test/attack/probe.mjs',
      environment: {
        LOG_LEVEL: 'info',
        STOMP_TCP_PORT: String(tcpPort),
        // Each login of the victim is to wait for its turn, as the first one of a day does.
        LIMIT_PASSWORD_CACHE_MS: '1',
        ...(heapMegabytes !== undefined && { NODE_OPTIONS: `--max-old-space-size=${heapMegabytes}` }),
      },
    });
    return new AttackedNode(server, tcpPort);
  }

  private constructor(
    private readonly server: RunningServer,
    readonly tcpPort: number,
  ) {
    void server.ended.then(() => (this.#hasEnded = true));
    this.#watching = this.#watch();
  }

  get port(): number {
    return this.server.port;
  }

  get pid(): number {
    return this.server.pid;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get output(): string {
    return this.server.output();
  }

  signIn(who: string): Promise<Caller> {
    return signIn(this.server.url, `${who}@example.org`);
  }

  async holdings(): Promise<Holdings> {
    const { heapBytes } = await this.server.ask<{ heapBytes: number }>('collect');
    const connections = await this.#connections();
    // The connection of that request.
    await sleep(20);
    return { ...(await this.#look()), connections, heapBytes };
  }

  forgetPeak(): void {
    this.#peak = nothing;
  }

  get peak(): Sighting {
    return this.#peak;
  }

  /** Its clock on the wall goes forward, or back. */
  async stepClock(ms: number): Promise<void> {
    await this.server.ask({ stepClockMs: ms });
  }

  /** Nothing of it runs for a while: a machine that was suspended. */
  async freeze(ms: number): Promise<void> {
    this.server.kill('SIGSTOP');
    await sleep(ms);
    this.server.kill('SIGCONT');
  }

  stopReadingLog(): void {
    this.server.stopReadingLog();
  }

  readLog(): void {
    this.server.readLog();
  }

  async stop(): Promise<void> {
    this.#isWatched = false;
    await this.#watching;
    this.server.kill('SIGKILL');
    await this.server.ended;
  }

  async #watch(): Promise<void> {
    while (this.#isWatched && !this.#hasEnded) {
      const { descriptors, sockets, residentBytes } = await this.#look().catch(() => nothing);
      this.#peak = {
        descriptors: Math.max(this.#peak.descriptors, descriptors),
        sockets: Math.max(this.#peak.sockets, sockets),
        residentBytes: Math.max(this.#peak.residentBytes, residentBytes),
      };
      await sleep(SAMPLE_MS);
    }
  }

  async #look(): Promise<Sighting> {
    const directory = `/proc/${this.server.pid}`;
    const names = await readdir(`${directory}/fd`);
    const targets = await Promise.all(
      names.map((name) => readlink(`${directory}/fd/${name}`).catch(() => '')),
    );
    const status = await readFile(`${directory}/status`, 'utf8');
    return {
      descriptors: names.length,
      sockets: targets.filter((target) => target.startsWith('socket:')).length,
      residentBytes: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024,
    };
  }

  async #connections(): Promise<number> {
    const response = await fetch(`${this.server.url}/metrics`, { headers: { Connection: 'close' } });
    return Number(/^carillon_sockets (\d+)/m.exec(await response.text())?.[1] ?? Number.NaN);
  }
}

const nothing: Sighting = { descriptors: 0, sockets: 0, residentBytes: 0 };
