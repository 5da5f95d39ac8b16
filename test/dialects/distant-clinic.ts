import { openClinic, type Clinic } from '../rest/clinic.js';
import { sqlite, type FreshDatabase } from '../databases.js';
import { tcpProxy, type TcpProxy } from '../tcp-proxy.js';

/** A clinic at an address that stays: the network to it is cut, and it is restarted, while its clients are there. */
export class DistantClinic {
  private constructor(
    /** The one of now: its own `url` goes around the network. */
    public clinic: Clinic,
    private readonly proxy: TcpProxy,
    private readonly target: { host: string; port: number },
    private readonly database: FreshDatabase,
  ) {}

  static async open(): Promise<DistantClinic> {
    const database = await sqlite.create();
    const clinic = await openClinic({ DRAIN_MS: '0' }, database);
    const target = { host: '127.0.0.1', port: portOf(clinic) };
    return new DistantClinic(clinic, await tcpProxy(target), target, database);
  }

  get url(): string {
    return `http://127.0.0.1:${this.proxy.port}`;
  }

  cut(): void {
    this.proxy.cut();
  }

  /** As on a SIGTERM: it says goodbye, is away, and comes back with what it had stored. */
  async restart(): Promise<void> {
    await this.clinic.close();
    await this.proxy.stop();
    this.clinic = await openClinic({ DRAIN_MS: '0' }, this.database);
    this.target.port = portOf(this.clinic);
    await this.proxy.resume();
  }

  async close(): Promise<void> {
    await this.proxy.stop();
    await this.clinic.close();
    await this.database.drop();
  }
}

function portOf({ url }: Clinic): number {
  return Number(new URL(url).port);
}
