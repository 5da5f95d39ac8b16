import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerFrame } from '../conformance/server-frame.js';
import type { Network } from './network.js';
import type { Random } from './random.js';
import { StompConnection } from './stomp-connection.js';
import { xhrPollingPipe, xhrStreamingPipe } from './streams/sockjs.js';
import { openWebSocket } from './streams/websocket.js';
import type { OpenPipe } from './streams/stomp.js';
import type { Tally } from './tally.js';

const pipes: Readonly<Record<string, OpenPipe>> = {
  websocket: openWebSocket,
  'xhr-streaming': xhrStreamingPipe,
  'xhr-polling': xhrPollingPipe,
};

export interface RoamerOptions {
  readonly name: string;
  readonly token: string;
  readonly random: Random;
  readonly network: Network;
  readonly tally: Tally;
}

/** What a client does on one of its connections. */
export interface Errand {
  /** MESSAGE or RECEIPT. */
  take(frame: ServerFrame): void;
  /** It is connected. */
  begin(connection: StompConnection): void | Promise<void>;
  ended?(): void;
}

/** A client of topics or queues: it connects again and again, to any node and by any transport, until it is stopped. */
export class Roamer {
  /** Rejects when a server's words aren't what the protocol allows. */
  readonly failed: Promise<never>;
  #fail: (error: unknown) => void = () => {};
  #connection: StompConnection | undefined;
  readonly #stopping = new AbortController();

  constructor(private readonly options: RoamerOptions) {
    this.failed = new Promise((_, reject) => (this.#fail = reject));
    this.failed.catch(() => undefined);
  }

  get isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** @param newErrand of each connection, which are numbered from 1 */
  async run(newErrand: (connection: number) => Errand): Promise<void> {
    const { random, network } = this.options;
    for (let number = 1; !this.isStopped; number++) {
      network.roam();
      if (network.isUp) await this.#meet(newErrand(number));
      await sleep(random.between(10, 300), undefined, { signal: this.#stopping.signal }).catch(
        () => undefined,
      );
    }
  }

  stop(): void {
    this.#stopping.abort();
    this.#connection?.close();
  }

  async #meet(errand: Errand): Promise<void> {
    const { random, network, token, tally } = this.options;
    const transport = random.pick(Object.keys(pipes));
    const connection = new StompConnection({
      openPipe: pipes[transport] ?? openWebSocket,
      port: network.port,
      token,
      random,
      take: (frame) => {
        if (frame.command === 'ERROR') tally.errors.add(frame.headers.get('code') ?? 'without a code');
        else errand.take(frame);
      },
      garbled: (error) => this.#fail(error),
    });
    this.#connection = connection;
    if (await connection.connected) {
      tally.connections.add(transport);
      await errand.begin(connection);
    }
    await connection.ended;
    errand.ended?.();
  }
}
