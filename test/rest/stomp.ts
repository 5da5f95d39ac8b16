import { Client, type IMessage } from '@stomp/stompjs';
import type { Clinic, Login } from './clinic.js';
import { webSocket, type OpenSocket } from './stomp-sockets.js';

/** A user's STOMP connection, by the stock client. */
export interface Connection {
  /** Resolves when the server has the subscription. */
  subscribe(destination: string, headers?: Readonly<Record<string, string>>): Promise<Subscription>;
  /** Resolves with the RECEIPT. */
  send(destination: string, body: unknown): Promise<void>;
  /** Resolves with the RECEIPT. */
  ack(message: Heard): Promise<void>;
  /** BEGIN, without a receipt. */
  begin(transaction: string): void;
  /** Resolves with the ERROR's headers. */
  readonly failed: Promise<IMessage['headers']>;
  close(): Promise<void>;
}

export interface Subscription {
  /** The next message, once it is there. */
  next(): Promise<Heard>;
}

export interface Heard {
  readonly frame: IMessage;
  readonly type: string | undefined;
  readonly replayed: string | undefined;
  readonly body: unknown;
}

export async function connect(
  clinic: Clinic,
  { token }: Login,
  openSocket: OpenSocket = webSocket,
): Promise<Connection> {
  const client = new Client({
    webSocketFactory: () => openSocket(clinic),
    connectHeaders: { Authorization: `Bearer ${token}` },
    reconnectDelay: 0,
  });
  const failed = new Promise<IMessage['headers']>((resolve) => {
    client.onStompError = ({ headers }) => resolve(headers);
  });
  await new Promise<void>((resolve) => {
    client.onConnect = () => resolve();
    client.activate();
  });

  let receipts = 0;
  const receipt = (): { readonly id: string; readonly came: Promise<void> } => {
    const id = `receipt-${++receipts}`;
    return { id, came: new Promise((resolve) => client.watchForReceipt(id, () => resolve())) };
  };
  return {
    async subscribe(destination, headers = {}) {
      const { id, came } = receipt();
      const mailbox = new Mailbox();
      client.subscribe(destination, (frame) => mailbox.put(frame), { ...headers, receipt: id });
      await came;
      return mailbox;
    },
    send(destination, body) {
      const { id, came } = receipt();
      client.publish({ destination, body: JSON.stringify(body), headers: { receipt: id } });
      return came;
    },
    ack({ frame }) {
      const { id, came } = receipt();
      frame.ack({ receipt: id });
      return came;
    },
    begin(transaction) {
      client.begin(transaction);
    },
    failed,
    close: () => client.deactivate({ force: true }),
  };
}

class Mailbox implements Subscription {
  readonly #heard: Heard[] = [];
  readonly #waiting: ((heard: Heard) => void)[] = [];

  put(frame: IMessage): void {
    const { 'event-type': type, replayed } = frame.headers;
    const heard = { frame, type, replayed, body: JSON.parse(frame.body) as unknown };
    const waiter = this.#waiting.shift();
    if (waiter) waiter(heard);
    else this.#heard.push(heard);
  }

  next(): Promise<Heard> {
    const heard = this.#heard.shift();
    return heard ? Promise.resolve(heard) : new Promise((resolve) => this.#waiting.push(resolve));
  }
}
