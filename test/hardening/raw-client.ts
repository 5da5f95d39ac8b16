import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A client that sends bytes as they are, however little they are HTTP. */
export class RawClient {
  /** What has come so far. */
  text = '';
  /** Resolves when the server has closed the socket, in whichever way. */
  readonly closed: Promise<void>;
  #wake = (): void => undefined;

  /** @param from 127.0.0.2 and the like are other clients; @param isReading whether it takes what comes */
  static async open(port: number, { from = '127.0.0.1', isReading = true } = {}): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', localAddress: from });
    const client = new RawClient(socket);
    if (isReading) client.read();
    await once(socket, 'connect');
    return client;
  }

  private constructor(readonly socket: Socket) {
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        resolve();
        this.#wake();
      });
    });
  }

  read(): void {
    this.socket.on('data', (bytes: Buffer) => {
      this.text += bytes.toString('latin1');
      this.#wake();
    });
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Of the answers so far, in their order. */
  get statuses(): number[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  }

  /** Waits until so many answers have begun to come, or the server has closed the socket. */
  async answers(count: number): Promise<number[]> {
    await this.#untilThat(() => this.statuses.length >= count);
    return this.statuses;
  }

  /** Waits until the text is there, or the server has closed the socket. */
  async until(text: string): Promise<string> {
    await this.#untilThat(() => this.text.includes(text));
    return this.text;
  }

  /** Says nothing of it first, as a process that was killed. */
  cut(): void {
    this.socket.resetAndDestroy();
  }

  async #untilThat(isSo: () => boolean): Promise<void> {
    while (!isSo() && !this.socket.closed) await new Promise<void>((wake) => (this.#wake = wake));
  }
}

/** A request as clients write it. @param headers lines such as `Connection: close` */
export function get(path: string, ...headers: readonly string[]): string {
  return [`GET ${path} HTTP/1.1`, 'Host: test', ...headers, '', ''].join('\r\n');
}

export function post(path: string, body: string, ...headers: readonly string[]): string {
  const lines = [
    `POST ${path} HTTP/1.1`,
    'Host: test',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers,
  ];
  return [...lines, '', body].join('\r\n');
}
