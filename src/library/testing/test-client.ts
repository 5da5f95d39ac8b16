import type { INestApplicationContext } from '@nestjs/common';
import { SessionFactory } from '../nest/session-factory.js';
import type { Frame } from '../stomp/frame.js';
import { MemoryClient } from './memory-client.js';

/** What a test's client was sent. */
export interface TestMessage {
  readonly headers: ReadonlyMap<string, string>;
  /** As text. */
  readonly body: string;
  /** The body, parsed. */
  readonly json: unknown;
}

/** An ERROR, where something else was waited for. */
export class TestClientError extends Error {
  constructor(
    readonly code: string | undefined,
    message: string,
  ) {
    super(message);
    this.name = 'TestClientError';
  }
}

/** A STOMP client of a Nest application, without sockets: everything that it does can be awaited. */
export class TestClient {
  readonly #subscriptions = new Map<string, TestSubscription>();
  readonly #waiting = new Map<string, (outcome: TestClientError | undefined) => void>();
  #failure: TestClientError | undefined;
  #listening: Promise<void> | undefined;
  #asked = 0;

  private constructor(
    /** For what this class has no words for: single frames, the wire. */
    readonly wire: MemoryClient,
  ) {}

  /**
   * @param credentials headers of CONNECT, such as `login` or `Authorization`
   * @throws {TestClientError} with the code of the ERROR
   */
  static async connect(
    application: INestApplicationContext,
    credentials: Readonly<Record<string, string>>,
  ): Promise<TestClient> {
    const wire = new MemoryClient(application.get(SessionFactory, { strict: false }).open);
    const client = new TestClient(wire);
    const answer = await wire.connect(credentials);
    if (answer.command !== 'CONNECTED') throw errorOf(answer);
    client.#listening = client.#listen();
    return client;
  }

  /**
   * Resolves with the RECEIPT: the next publish will be seen.
   * @throws {TestClientError}
   */
  async subscribe(
    destination: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<TestSubscription> {
    const id = `${this.#subscriptions.size}`;
    const subscription = new TestSubscription(id, () => this.settled());
    this.#subscriptions.set(id, subscription);
    await this.frame('SUBSCRIBE', { id, destination, ...headers });
    return subscription;
  }

  /**
   * Resolves with the RECEIPT: stored, or the method has finished.
   * @param payload a string as text/plain, anything else as JSON
   * @throws {TestClientError} an ERROR, or the failure that was told on /user/queue/errors
   */
  async send(
    destination: string,
    payload?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const type = typeof payload === 'string' ? 'text/plain' : 'application/json';
    const body = typeof payload === 'string' ? payload : (JSON.stringify(payload) as string | undefined);
    await this.frame('SEND', { destination, 'content-type': type, ...headers }, body ?? '');
  }

  async unsubscribe({ id }: TestSubscription): Promise<void> {
    await this.frame('UNSUBSCRIBE', { id });
  }

  /** Any other frame, with a receipt. */
  async frame(command: string, headers: Readonly<Record<string, string>>, body = ''): Promise<void> {
    if (this.#failure) throw this.#failure;
    const receipt = `r${++this.#asked}`;
    const outcome = new Promise<TestClientError | undefined>((resolve) => {
      this.#waiting.set(receipt, resolve);
    });
    this.wire.frame(command, { ...headers, receipt }, body);
    const failure = await outcome;
    if (failure) throw failure;
  }

  /** Resolves when all that was published before has come. */
  async settled(): Promise<void> {
    const transaction = `t${++this.#asked}`;
    await this.frame('BEGIN', { transaction });
    await this.frame('ABORT', { transaction });
  }

  /** Leaves without a word, as a client whose network is gone. */
  leave(): void {
    this.wire.session.disconnected();
    this.wire.close(1006, '');
  }

  /** Resolves when the session has ended: with the code of its ERROR, if there was one. */
  async ended(): Promise<string | undefined> {
    await this.wire.end();
    await this.#listening;
    return this.#failure?.code;
  }

  async #listen(): Promise<void> {
    try {
      for (;;) this.#take(await this.wire.next());
    } catch {
      // The session has closed, and no frame is left.
      this.#end(this.#failure ?? new TestClientError(undefined, 'The session has ended.'));
    }
  }

  #take(frame: Frame): void {
    const receipt = frame.headers.get('receipt-id');
    if (frame.command === 'RECEIPT') this.#settle(receipt, undefined);
    if (frame.command === 'ERROR') {
      this.#failure = errorOf(frame);
      this.#end(this.#failure);
    }
    if (frame.command !== 'MESSAGE') return;
    // A failed method has no RECEIPT, but a message with its id.
    if (receipt !== undefined) this.#settle(receipt, errorOf(frame));
    this.#subscriptions.get(frame.headers.get('subscription') ?? '')?.take(frame);
  }

  #settle(receipt: string | undefined, outcome: TestClientError | undefined): void {
    this.#waiting.get(receipt ?? '')?.(outcome);
    this.#waiting.delete(receipt ?? '');
  }

  #end(failure: TestClientError): void {
    for (const settle of this.#waiting.values()) settle(failure);
    this.#waiting.clear();
    for (const subscription of this.#subscriptions.values()) subscription.end(failure);
  }
}

/** Messages of one subscription, in their order. */
export class TestSubscription {
  /** Those that nobody has taken yet. */
  readonly messages: TestMessage[] = [];
  readonly #waiting: Waiting[] = [];
  #failure: TestClientError | undefined;

  constructor(
    readonly id: string,
    private readonly settled: () => Promise<void>,
  ) {}

  /**
   * Takes the oldest one that wasn't taken yet, or waits for it.
   * @throws {TestClientError} the session has ended, and none is left
   */
  async next(): Promise<TestMessage> {
    const message = this.messages.shift();
    if (message) return message;
    if (this.#failure) throw this.#failure;
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Takes all that has come, and what was published before; so an empty list says that nothing was. */
  async rest(): Promise<TestMessage[]> {
    await this.settled();
    return this.messages.splice(0);
  }

  take(frame: Frame): void {
    const message = messageOf(frame);
    const waiting = this.#waiting.shift();
    if (waiting) waiting.resolve(message);
    else this.messages.push(message);
  }

  end(failure: TestClientError): void {
    this.#failure = failure;
    for (const { reject } of this.#waiting.splice(0)) reject(failure);
  }
}

interface Waiting {
  readonly resolve: (message: TestMessage) => void;
  readonly reject: (failure: TestClientError) => void;
}

function messageOf({ headers, body }: Frame): TestMessage {
  const text = Buffer.from(body).toString();
  return {
    headers,
    body: text,
    get json(): unknown {
      return JSON.parse(text) as unknown;
    },
  };
}

function errorOf({ headers, body }: Frame): TestClientError {
  const text = Buffer.from(body).toString();
  return new TestClientError(headers.get('code'), headers.get('message') ?? text);
}
