import { isEnding, Refusal, type ClosingCode } from '../errors.js';
import { networkOf } from '../network.js';
import type { Timer } from '../broker/clock.js';
import { OwnSlices } from '../broker/slices.js';
import { Client } from '../session/client.js';
import { newConnectionId } from '../session/connection-id.js';
import { Conversation, type ConversationServices, type Ender } from '../session/conversation.js';
import { Departure } from '../session/departure.js';
import { ending } from '../session/endings.js';
import { fault } from '../session/error-frame.js';
import { HeldInput } from '../session/held-input.js';
import type { Arrival, Authenticator, Authorizer, Credentials, User, Wire } from '../session/ports.js';
import type { Census } from './census.js';
import { parseObject, type JsonObject } from './json-object.js';
import { Rate } from './rate.js';

/** A connection that has just been accepted. */
export interface AcceptedJsonSocket {
  readonly wire: Wire;
  readonly remoteAddress: string;
  readonly arrival: Arrival;
}

/** What all JSON sockets of a node share. */
export interface JsonServices extends ConversationServices {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly census: Census;
}

/** A refusal as a client is shown it. */
export type ShownRefusal = Pick<Refusal<string>, 'code' | 'message' | 'retryAfterMs'> & {
  readonly retryable: boolean;
};

/** A language of JSON objects. */
export interface Dialect {
  /** The token, where that is what a message brings. @throws {Refusal} invalid_header: it brings a bad one */
  tokenOf(message: JsonObject): string | undefined;
  /** Begins to speak with a client that has signed in. @throws {Refusal} it may not be here */
  begin(speaker: Speaker): Promise<Speech> | Speech;
  /** @param message the one that is refused, where it is one */
  refusal(shown: ShownRefusal, message: JsonObject | undefined): JsonObject;
}

/** One signed-in client, as its dialect speaks with it. */
export interface Speaker {
  readonly conversation: Conversation;
  readonly services: JsonServices;
  /** Sends one message. Nothing is sent after the end. */
  say(message: JsonObject): void;
  /** The same, for what many are sent. */
  sayEncoded(json: Uint8Array): void;
}

/** What is said to one signed-in client. */
export interface Speech {
  /** It is signed in. */
  welcome(): Promise<void> | void;
  /** One message of it; the next waits until this one is done. @throws {Refusal} */
  take(message: JsonObject): Promise<void> | void;
}

/** These are told, and the connection goes on. */
const OPEN: ReadonlySet<string> = new Set([
  'not_connected',
  'already_connected',
  'unknown_command',
  'missing_header',
  'invalid_header',
  'unknown_destination',
  'unknown_ack',
  'forbidden',
  'subscription_limit',
  'room_full',
]);

/** As many in a row that came too fast end a connection. */
const TOO_FAST = 100;

/**
 * One JSON socket: each of its messages is one JSON object, taken strictly in turn, and answered. The upgrade says who
 * speaks, or the first message that counts does. It is a *stranger* until that is known, then *signed in*, and in the end
 * *over*; while one message is done (`#isBusy`), those behind it wait, and the socket isn't read.
 */
export class JsonConversation implements Ender {
  readonly id = newConnectionId();
  readonly slices: OwnSlices;
  readonly #wire: Wire;
  readonly #remoteAddress: string;
  readonly #rate: Rate;
  readonly #departure = new Departure();
  readonly #network: string;
  #waiting: Buffer[] = [];
  /** Of `#waiting`. */
  readonly #held: HeldInput;
  #isBusy = false;
  #conversation: Conversation | undefined;
  #speech: Speech | undefined;
  /** Of signing in, then of a sign of life. */
  #timer: Timer;
  #heardAt: number;
  /** How many in a row came too fast, and when that was told last. */
  #refused = 0;
  #toldAt = -Infinity;
  #isOver = false;

  constructor(
    { wire, remoteAddress, arrival }: AcceptedJsonSocket,
    private readonly dialect: Dialect,
    private readonly services: JsonServices,
  ) {
    this.#wire = wire;
    this.#remoteAddress = remoteAddress;
    this.slices = new OwnSlices(services.broker.slices, remoteAddress);
    const { clock, limits, registry, census } = services;
    this.#rate = new Rate(clock, limits.jsonMessagesPerSecond);
    this.#heardAt = clock.monotonic();
    this.#network = networkOf(remoteAddress);
    this.#held = new HeldInput(registry.strangers);
    registry.strangers.connections++;
    wire.countTo?.(registry.strangers);
    this.#timer = clock.after(limits.connectMs, () => this.refuse(tooLate(limits.connectMs)));
    const hasPlace = census.admit(this.#network);
    const credentials = credentialsOf(arrival);
    if (!hasPlace) this.#run(() => Promise.reject(tooManyStrangers()));
    else if (credentials) this.#run(() => this.#signIn(credentials));
  }

  /** Whether it isn't known yet who speaks: only short messages are read. */
  get isNew(): boolean {
    return this.#conversation === undefined;
  }

  /** Takes one message. Never throws. */
  receive(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.heard();
    this.services.census.received++;
    if (!this.#rate.take()) return this.#tooFast();
    this.#refused = 0;
    this.slices.attend();
    const message = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!this.#isBusy) return this.#take(message);
    this.#waiting.push(message);
    this.#held.add(bytes.byteLength);
  }

  heard(): void {
    this.#heardAt = this.services.clock.monotonic();
  }

  /** The peer says no more. */
  finish(): void {
    this.disconnected();
    this.#wire.close(1000, '');
  }

  /** The wire is gone. Idempotent. */
  disconnected(reason: ClosingCode | 'closed' = 'closed'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer.cancel();
    this.#departure.leave();
    this.#waiting = [];
    this.#held.add(-this.#held.bytes);
    const { registry, census, observer } = this.services;
    if (this.#conversation) {
      this.#conversation.dispose(reason);
      census.leave();
    } else {
      registry.strangers.connections--;
      census.leaveStranger(this.#network);
      if (reason !== 'closed') observer.refused?.({ id: this.id, transport: this.#wire.transport, reason });
    }
  }

  terminate(code: ClosingCode): void {
    this.refuse(ending(code));
  }

  fail(error: unknown): void {
    this.refuse(error);
  }

  /** Says what was wrong; and closes, unless the client can go on. */
  refuse(thrown: unknown, message?: JsonObject): void {
    if (this.#isOver) return;
    if (!isEnding(thrown)) this.services.observer.failed?.({ id: this.id }, thrown);
    const { code, answer, ...shown } = isEnding(thrown) ? wordsOf(thrown) : wordsOf(fault);
    this.#say(this.dialect.refusal({ code, retryable: answer.retryable, ...shown }, message));
    // One that couldn't begin has nothing to go on with.
    const isBeginning = this.#conversation !== undefined && this.#speech === undefined;
    if (isBeginning || !OPEN.has(code)) this.#close(code, answer.close);
  }

  #close(code: string, close: number): void {
    this.disconnected(code as ClosingCode);
    this.#wire.close(close, code);
  }

  #takeNext(): void {
    while (!this.#isBusy && !this.#isOver) {
      const bytes = this.#waiting.shift();
      if (!bytes) return;
      this.#held.add(-bytes.byteLength);
      this.#take(bytes);
    }
  }

  #take(bytes: Buffer): void {
    let message: JsonObject | undefined;
    try {
      message = parseObject(bytes, this.services.limits);
      const done = this.#handle(message);
      if (done) this.#run(() => done, message);
    } catch (error) {
      this.refuse(error, message);
    }
  }

  /** @throws {Refusal} */
  #handle(message: JsonObject): Promise<void> | void {
    const token = this.dialect.tokenOf(message);
    if (token !== undefined) {
      if (this.#conversation) throw new Refusal('already_connected', 'This connection has signed in.');
      return this.#signIn({ authorization: `Bearer ${token}` });
    }
    if (!this.#speech)
      throw new Refusal('not_connected', 'Say first who you are: authenticate with a token.');
    return this.#speech.take(message);
  }

  /** What takes its time: others wait, and the socket isn't read. */
  #run(work: () => Promise<void>, message?: JsonObject): void {
    this.#isBusy = true;
    this.#wire.pause();
    void work()
      .catch((error: unknown) => this.refuse(error, message))
      .then(() => {
        this.#isBusy = false;
        if (this.#isOver) return;
        this.#wire.resume();
        this.#takeNext();
      });
  }

  async #signIn(credentials: Partial<Credentials>): Promise<void> {
    const { services } = this;
    const [departure, remoteAddress] = [this.#departure, this.#remoteAddress];
    services.observer.connecting?.({ id: this.id, remoteAddress, transport: this.#wire.transport });
    const user = await services.authenticator.authenticate({
      authorization: undefined,
      login: undefined,
      passcode: undefined,
      ...credentials,
      remoteAddress,
      get left() {
        return departure.signal;
      },
    });
    if (this.#isOver) return;
    await this.#accept(user);
  }

  async #accept(user: User): Promise<void> {
    const { services } = this;
    const wire = this.#wire;
    const { registry, census, limits, clock } = services;
    census.checkPlace(limits.jsonConnections);
    const client = new Client(this.id, user, wire);
    const conversation = new Conversation({ client, services, wire, ender: this });
    // As a stranger no more.
    this.#conversation = conversation;
    this.#held.countTo(conversation.share);
    this.slices.signedIn(user.name);
    registry.strangers.connections--;
    census.leaveStranger(this.#network);
    census.enter();
    wire.countTo?.(conversation.share);
    this.#timer.cancel();
    this.#timer = clock.after(limits.pingMs, () => this.#look());
    const speech = await this.dialect.begin({
      conversation,
      services,
      say: (message) => this.#say(message),
      sayEncoded: (json) => this.#send(json),
    });
    await speech.welcome();
    this.#speech = speech;
    if (!this.#isOver) conversation.begin();
  }

  #say(message: JsonObject): void {
    this.#send(Buffer.from(JSON.stringify(message)));
  }

  #send(json: Uint8Array): void {
    if (this.#isOver) return;
    this.services.census.sent++;
    this.#wire.send(json);
  }

  /** A ping is answered by a pong, whatever the client's program does. */
  #look(): void {
    const { clock, limits } = this.services;
    const silentMs = clock.monotonic() - this.#heardAt;
    if (silentMs >= Math.min(2 * limits.pingMs, limits.jsonIdleMs))
      return this.terminate('heartbeat_timeout');
    this.#wire.probe();
    this.#timer = clock.after(limits.pingMs, () => this.#look());
  }

  #tooFast(): void {
    if (++this.#refused >= TOO_FAST) return this.terminate('rate_limited');
    const now = this.services.clock.monotonic();
    if (now - this.#toldAt < 1_000) return;
    this.#toldAt = now;
    const { code, message, retryAfterMs } = ending('rate_limited');
    this.#say(this.dialect.refusal({ code, message, retryAfterMs, retryable: true }, undefined));
  }
}

function wordsOf<T extends Pick<Refusal<string>, 'code' | 'message' | 'retryAfterMs' | 'answer'>>({
  code,
  message,
  retryAfterMs,
  answer,
}: T): Pick<T, 'code' | 'message' | 'retryAfterMs' | 'answer'> {
  return { code, message, retryAfterMs, answer };
}

/** A browser's WebSocket has nothing but its URL; others send a header. */
function credentialsOf({ query, authorization }: Arrival): Partial<Credentials> | undefined {
  if (authorization !== undefined) return { authorization };
  const asked = new URLSearchParams(query);
  const ticket = asked.get('ticket');
  if (ticket !== null) return { ticket };
  const token = asked.get('token');
  return token === null ? undefined : { authorization: `Bearer ${token}` };
}

function tooLate(connectMs: number): Refusal {
  return new Refusal('auth_timeout', `A connection has to sign in within ${connectMs} ms.`);
}

function tooManyStrangers(): Refusal {
  return new Refusal('connection_limit', 'Too many connections of your network have not signed in yet.');
}
