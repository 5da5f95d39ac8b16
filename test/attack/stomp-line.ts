import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { frame } from '../../bench/stomp-socket.js';

/** Longer than a node may stand still. */
const PATIENCE_MS = 10_000;

/** A STOMP connection that counts how it ends. */
export class StompLine {
  readonly closed: Promise<void>;
  #isConnected = false;
  readonly #collecting: { readonly start: string; readonly heads: string[] }[] = [];
  readonly #waiting: { readonly start: string; readonly resolve: () => void }[] = [];

  /** @param count told of each ERROR and close, and of a refused upgrade */
  static begin(
    { port, localAddress }: { readonly port: number; readonly localAddress: string },
    count: (answer: string) => void,
  ): StompLine {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/stomp`, ['v12.stomp'], { localAddress });
    return new StompLine(socket, count);
  }

  private constructor(
    readonly socket: WebSocket,
    private readonly count: (answer: string) => void,
  ) {
    // What went wrong shows in the close that follows.
    socket.on('error', () => undefined);
    socket.once('unexpected-response', (_, { statusCode = 0 }) => {
      this.count(String(statusCode));
      socket.terminate();
    });
    this.closed = new Promise((resolve) =>
      socket.once('close', (code: number) => {
        if (code !== 1005 && code !== 1006) this.count(`close ${code}`);
        resolve();
      }),
    );
    socket.on('message', (data: Buffer) => this.#read(data));
  }

  get isOpen(): boolean {
    return this.#isConnected && this.socket.readyState === WebSocket.OPEN;
  }

  /** Resolves when CONNECTED is there, or it has come to nothing: then it is closed. */
  async connect(headers: Readonly<Record<string, string>>): Promise<void> {
    const opened = new Promise((resolve) => this.socket.once('open', resolve));
    await Promise.race([opened, this.closed, sleep(PATIENCE_MS, undefined, { ref: false })]);
    const connected = this.next('CONNECTED');
    this.send('CONNECT', { 'accept-version': '1.2', host: '/', 'heart-beat': '0,0', ...headers });
    await Promise.race([connected, this.closed, sleep(PATIENCE_MS, undefined, { ref: false })]);
    if (!this.isOpen) this.socket.terminate();
  }

  send(command: string, headers: Readonly<Record<string, string>>, body = ''): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(frame(command, headers, body));
  }

  /** The heads of all frames that begin so, as they come from now on. */
  heads(start: string): readonly string[] {
    const heads: string[] = [];
    this.#collecting.push({ start, heads });
    return heads;
  }

  /** When a frame has come that begins so. */
  next(start: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ start, resolve }));
  }

  /** Sends a frame. @returns whether its RECEIPT came; false where the connection is gone, or it took too long */
  async done(command: string, headers: Readonly<Record<string, string>>, body = ''): Promise<boolean> {
    const receipt = `r${Math.random()}`;
    const answer = this.next(`RECEIPT\nreceipt-id:${receipt}`);
    this.send(command, { ...headers, receipt }, body);
    return Promise.race([
      answer.then(() => true),
      this.closed.then(() => false),
      sleep(PATIENCE_MS, false, { ref: false }),
    ]);
  }

  #read(data: Buffer): void {
    const head = data.toString('latin1', 0, 300);
    if (head.startsWith('CONNECTED')) this.#isConnected = true;
    if (head.startsWith('ERROR')) this.count(`ERROR ${/\ncode:(\S+)/.exec(head)?.[1] ?? 'without code'}`);
    for (const { start, heads } of this.#collecting) if (head.startsWith(start)) heads.push(head);
    const place = this.#waiting.findIndex(({ start }) => head.startsWith(start));
    if (place !== -1) this.#waiting.splice(place, 1)[0]?.resolve();
  }
}
