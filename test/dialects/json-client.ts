import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A message of the server, in whichever words. */
export type Said = Record<string, unknown> & { readonly type: string };

/** A JSON socket as a program uses it. */
export class JsonClient {
  readonly said: Said[] = [];
  readonly #socket: WebSocket;
  #closed: Promise<[number, Buffer]>;
  #taken = 0;
  #told: () => void = () => {};

  constructor(url: string, options: { readonly headers?: Record<string, string> } = {}) {
    this.#socket = new WebSocket(url, options);
    this.#closed = once(this.#socket, 'close') as Promise<[number, Buffer]>;
    this.#socket.on('message', (data) => {
      this.said.push(JSON.parse((data as Buffer).toString()) as Said);
      this.#told();
    });
  }

  async opened(): Promise<this> {
    await once(this.#socket, 'open');
    return this;
  }

  say(message: unknown): this {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    return this;
  }

  async next(): Promise<Said> {
    while (this.said.length <= this.#taken) {
      const told = new Promise<void>((resolve) => (this.#told = resolve));
      await Promise.race([
        told,
        this.#closed.then(([code]) => {
          throw new Error(`closed with ${code}`);
        }),
      ]);
    }
    return this.said[this.#taken++] as Said;
  }

  async closed(): Promise<{ code: number; reason: string }> {
    const [code, reason] = await this.#closed;
    return { code, reason: String(reason) };
  }

  /** Reads nothing more. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.close();
  }
}
