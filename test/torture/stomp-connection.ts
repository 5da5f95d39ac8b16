import { clientFrame } from '../conformance/client-frame.js';
import { ServerFrameReader, type ServerFrame } from '../conformance/server-frame.js';
import type { Random } from './random.js';
import type { OpenPipe, Pipe, PipeListener } from './streams/stomp.js';

export interface ConnectionOptions {
  readonly openPipe: OpenPipe;
  /** On 127.0.0.1. */
  readonly port: number;
  readonly token: string;
  readonly random: Random;
  /** MESSAGE, RECEIPT and ERROR, in the order in which they come. */
  readonly take: (frame: ServerFrame) => void;
  /** What came isn't what the protocol allows. */
  readonly garbled: (error: unknown) => void;
}

/** One STOMP 1.2 connection by hand, so that nothing in between mends what comes. */
export class StompConnection implements PipeListener {
  /** False where it ended before it was connected. */
  readonly connected: Promise<boolean>;
  readonly ended: Promise<void>;
  #connect: (isConnected: boolean) => void = () => {};
  #end: () => void = () => {};
  #isOver = false;
  readonly #frames = new ServerFrameReader();
  readonly #pipe: Pipe;

  constructor(private readonly options: ConnectionOptions) {
    this.connected = new Promise((resolve) => (this.#connect = resolve));
    this.ended = new Promise((resolve) => (this.#end = resolve));
    this.#pipe = options.openPipe(options.port, options.random, this);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  send(command: string, headers: Readonly<Record<string, string>>, body = ''): void {
    if (!this.#isOver) this.#pipe.send(clientFrame('1.2', command, headers, body));
  }

  opened(): void {
    const { token } = this.options;
    this.send('CONNECT', { 'accept-version': '1.2', host: 'carillon', Authorization: `Bearer ${token}` });
  }

  received(octets: Buffer): void {
    try {
      for (const frame of this.#frames.push(octets)) {
        if (this.#isOver) return;
        if (frame.command === 'CONNECTED') this.#connect(true);
        else this.options.take(frame);
      }
    } catch (error) {
      this.options.garbled(error);
      this.close();
    }
  }

  closed(): void {
    this.#isOver = true;
    this.#connect(false);
    this.#end();
  }

  close(): void {
    this.closed();
    this.#pipe.close();
  }
}
