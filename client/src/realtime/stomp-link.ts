import { Client, type IFrame, type IMessage } from '@stomp/stompjs';
import type { Clock, Timer } from './clock.js';
import type { Ending } from './ending.js';
import type { Link, LinkEvents, Message, Wanted } from './link.js';
import type { Socket } from './sockets.js';

const connectMs = 5_000;
const beatMs = 10_000;

/**
 * One STOMP connection, from CONNECT to its end; it doesn't reconnect. stompjs' own loop is left off, because
 * it can't renew a token safely, choose a transport, or tell a refusal from a broken cable.
 */
export class StompLink implements Link {
  readonly #client: Client;
  readonly #unanswered = new Map<string, (error: Error) => void>();
  #socket: Socket | undefined;
  #receipts = 0;
  #goodbye: Timer | undefined;
  #lastHeardAt: number;

  constructor(
    openSocket: () => Socket,
    token: string,
    private readonly clock: Clock,
    events: LinkEvents,
  ) {
    let ending: Ending = { wasConnected: false, timedOut: false, closeCode: 1006 };
    const openedAt = clock.monotonic();
    this.#lastHeardAt = clock.now();

    this.#client = new Client({
      webSocketFactory: () => {
        this.#socket = openSocket();
        return this.#socket.stomp;
      },
      connectHeaders: { Authorization: `Bearer ${token}` },
      connectionTimeout: connectMs,
      reconnectDelay: 0,
      heartbeatIncoming: beatMs,
      heartbeatOutgoing: beatMs,
      // A dead socket may take a minute to say so; we have decided already.
      discardWebsocketOnCommFailure: true,
      onConnect: () => {
        ending = { ...ending, wasConnected: true };
        this.#heard();
        events.onConnected(this.#socket!.transport());
      },
      onHeartbeatReceived: () => this.#heard(),
      onStompError: (frame) => {
        ending = { ...ending, error: errorOf(frame) };
        // STOMP 1.2, ERROR: the server closes next. In case it doesn't, we do.
        this.#goodbye = clock.after(1_000, () => this.#client.forceDisconnect());
      },
      onWebSocketClose: (event: CloseEvent) => {
        const timedOut = !ending.wasConnected && clock.monotonic() - openedAt >= connectMs;
        this.#over();
        void this.#client.deactivate();
        events.onEnded({ ...ending, timedOut, closeCode: event.code });
      },
    });
    this.#client.activate();
  }

  subscribe(
    { destination, since, hearsGaps }: Wanted,
    onMessage: (message: Message) => void,
    onReady: () => void,
  ): () => void {
    const receipt = this.#receipt();
    this.#client.watchForReceipt(receipt, () => {
      this.#heard();
      onReady();
    });
    const headers = {
      receipt,
      ...(since !== undefined && { since }),
      ...(hearsGaps && { gaps: 'message' }),
    };
    const subscription = this.#client.subscribe(
      destination,
      (message) => this.#deliver(message, onMessage),
      headers,
    );
    return () => {
      if (this.#client.connected) subscription.unsubscribe();
    };
  }

  /** Resolves when the server has done it (its RECEIPT); rejects when the link ends before. */
  send(destination: string, body: unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      const receipt = this.#receipt();
      this.#unanswered.set(receipt, reject);
      this.#client.watchForReceipt(receipt, () => {
        this.#unanswered.delete(receipt);
        resolve();
      });
      this.#client.publish({
        destination,
        headers: { receipt, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    });
  }

  /** Nothing has come for longer than heart-beats allow: the network changed under us. */
  isSilent(): boolean {
    // By the computer's clock, which goes on while the machine sleeps; set back meanwhile, it tells nothing.
    const silentMs = this.clock.now() - this.#lastHeardAt;
    return silentMs < 0 || silentMs > 1.5 * beatMs;
  }

  close(): void {
    this.#client.onWebSocketClose = () => this.#over();
    void this.#client.deactivate({ force: true });
  }

  #deliver(message: IMessage, onMessage: (message: Message) => void): void {
    this.#heard();
    try {
      onMessage({
        body: bodyOf(message),
        eventType: message.headers['event-type'],
        cursor: message.headers['cursor'],
        replayed: message.headers['replayed'] === 'true',
      });
    } catch (error) {
      // One bad event must not stop the rest.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #heard(): void {
    this.#lastHeardAt = this.clock.now();
  }

  #receipt(): string {
    return `r-${++this.#receipts}`;
  }

  #over(): void {
    this.#goodbye?.cancel();
    for (const reject of this.#unanswered.values())
      reject(new Error('The connection ended before the server answered.'));
    this.#unanswered.clear();
  }
}

function bodyOf({ body, headers }: IMessage): unknown {
  const type = headers['content-type'];
  if (type !== undefined && !/^application\/([\w.-]+\+)?json\b/i.test(type)) return body;
  try {
    return JSON.parse(body) as unknown;
  } catch (error) {
    if (type !== undefined) throw error;
    return body;
  }
}

function errorOf({ headers }: IFrame): NonNullable<Ending['error']> {
  const retryAfterMs = Number(headers['retry-after-ms']);
  return {
    code: headers['code'] ?? 'unknown',
    // A server that doesn't say may be any server: try again.
    retryable: headers['retryable'] !== 'false',
    ...(retryAfterMs > 0 && { retryAfterMs }),
  };
}
