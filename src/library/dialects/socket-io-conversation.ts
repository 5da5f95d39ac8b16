import type { Socket } from 'socket.io';
import { isEnding, Refusal, type ClosingCode } from '../errors.js';
import { excessIn } from '../json-bounds.js';
import { userAddress } from '../broker/address.js';
import type { Timer } from '../broker/clock.js';
import type { Message } from '../broker/message.js';
import { OwnSlices } from '../broker/slices.js';
import { Client } from '../session/client.js';
import { newConnectionId } from '../session/connection-id.js';
import {
  Conversation,
  type ConversationServices,
  type Ender,
  type Opening,
} from '../session/conversation.js';
import { Departure } from '../session/departure.js';
import { ending } from '../session/endings.js';
import { fault } from '../session/error-frame.js';
import { HeldInput } from '../session/held-input.js';
import type {
  Application,
  Arrival,
  Authenticator,
  Authorizer,
  Credentials,
  User,
  Wire,
} from '../session/ports.js';
import { callMethod } from './method-call.js';
import { Rate } from './rate.js';
import { packetOf, type SocketIoEvents } from './socket-io-events.js';
import type { SocketIoCall, SocketIoCommand, SocketIoOptions } from './socket-io-options.js';
import { comesBack, FAILED, sentenceOf, shown, type Ended } from './socket-io-refusals.js';

/** One session of Engine.IO as its conversation sees it. */
export interface SocketIoWire extends Wire {
  /** The engine's own object for it, which `socket.io` knows too. */
  readonly conn: object;
  /** Hands a message to `socket.io`. */
  pass(message: string): void;
}

/** What all Socket.IO clients of a node share. */
export interface SocketIoServices extends ConversationServices {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly application: Application;
}

interface Shared extends SocketIoServices {
  readonly options: SocketIoOptions;
  readonly events: SocketIoEvents;
  readonly commands: ReadonlyMap<string, SocketIoCommand>;
}

/** A session that has just been opened. */
export interface AcceptedSocketIo {
  readonly wire: SocketIoWire;
  readonly remoteAddress: string;
  readonly arrival: Arrival;
}

/** Tells `socket.io` whether a client may come in. */
type Next = (refusal?: Error & { data?: unknown }) => void;

/** A client's callback, by which it hears what became of its event. */
type Callback = (answer: object) => void;

/** The packets of Socket.IO, as they begin (Socket.IO protocol, Packet encoding). */
const DISCONNECT = '1';
const EVENT = '2';
const BINARY = /^[56]/;
/** `EVENT` with an id, which asks for an answer: its namespace is `/`. */
const ANSWERED_EVENT = /^2(?:\/,)?(\d{1,15})\[/;

/** As many in a row that came too fast end a connection. */
const TOO_FAST = 100;
/** Characters of a client's own word that it is shown again. */
const SHOWN = 64;
const INBOX = 'inbox';

/**
 * One client of Socket.IO: its events are taken strictly in turn, and each is answered, by its callback or by the event
 * `refused`. It is a *stranger* until its CONNECT, which says who it is, was accepted.
 */
export class SocketIoConversation implements Ender {
  readonly id = newConnectionId();
  readonly slices: OwnSlices;
  readonly #wire: SocketIoWire;
  readonly #remoteAddress: string;
  readonly #arrival: Arrival;
  readonly #rate: Rate;
  readonly #departure = new Departure();
  #waiting: string[] = [];
  /** Of `#waiting`. */
  readonly #held: HeldInput;
  #isBusy = false;
  #hasConnected = false;
  #conversation: Conversation | undefined;
  #inbox: Opening | undefined;
  /** Of a CONNECT that doesn't come. */
  readonly #connectTimer: Timer;
  /** How many in a row came too fast. */
  #refused = 0;
  #toldAt = -Infinity;
  #isOver = false;

  constructor(
    { wire, remoteAddress, arrival }: AcceptedSocketIo,
    private readonly shared: Shared,
  ) {
    this.#wire = wire;
    this.#remoteAddress = remoteAddress;
    this.slices = new OwnSlices(shared.broker.slices, remoteAddress);
    this.#arrival = arrival;
    const { clock, limits, registry } = shared;
    this.#rate = new Rate(clock, limits.socketIoEventsPerSecond);
    this.#held = new HeldInput(registry.strangers);
    registry.strangers.connections++;
    wire.countTo?.(registry.strangers);
    this.#connectTimer = clock.after(limits.connectMs, () => this.terminate('auth_timeout'));
  }

  /** Whether it isn't known yet who speaks: only short messages are read. */
  get isNew(): boolean {
    return this.#conversation === undefined;
  }

  /** The engine looks after its silence. */
  heard(): void {}

  /** Takes one packet. Never throws. */
  receive(packet: string | Uint8Array): void {
    if (this.#isOver) return;
    // Bytes beside JSON: nothing here takes any.
    if (typeof packet !== 'string' || BINARY.test(packet)) return this.terminate('malformed_frame');
    if (!this.#rate.take()) return this.#tooFast(packet);
    this.#refused = 0;
    this.slices.attend();
    this.#waiting.push(packet);
    this.#held.add(packet.length);
    this.#takeNext();
  }

  /** The wire is gone. Idempotent. */
  disconnected(reason: ClosingCode | 'closed' = 'closed'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#connectTimer.cancel();
    this.#departure.leave();
    this.#waiting = [];
    this.#held.add(-this.#held.bytes);
    const { registry, observer } = this.shared;
    if (this.#conversation) return this.#conversation.dispose(reason);
    registry.strangers.connections--;
    if (reason !== 'closed') observer.refused?.({ id: this.id, transport: this.#wire.transport, reason });
  }

  terminate(code: ClosingCode): void {
    const refusal = ending(code);
    this.#end(isEnding(refusal) ? refusal : fault);
  }

  fail(error: unknown): void {
    this.#end(this.#told(error));
  }

  /** Says whether a client may come in, by its CONNECT. Never throws. */
  async admit({ handshake }: Pick<Socket, 'handshake'>, next: Next): Promise<void> {
    try {
      if (this.#hasConnected) throw new Refusal('already_connected', 'This connection has had its CONNECT.');
      this.#hasConnected = true;
      this.#connectTimer.cancel();
      await this.#signIn(handshake.auth);
      next();
    } catch (error) {
      this.#refuse(this.#told(error), next);
    }
  }

  /** It was told that it is here. */
  begin(socket: Socket): void {
    if (this.#isOver || !this.#conversation) return;
    socket.onAny((event: unknown, ...values: unknown[]) => void this.#handle(String(event), values));
    this.#inbox?.start();
    this.#conversation.begin();
  }

  async #signIn(auth: unknown): Promise<void> {
    const { shared, id } = this;
    const [departure, remoteAddress] = [this.#departure, this.#remoteAddress];
    shared.observer.connecting?.({ id, remoteAddress, transport: this.#wire.transport });
    const { since, ...credentials } = handshakeOf(auth, this.#arrival);
    const user = await shared.authenticator.authenticate({
      ...credentials,
      remoteAddress,
      get left() {
        return departure.signal;
      },
    });
    if (this.#isOver) return;
    const conversation = this.#accept(user);
    this.#inbox = this.#openInbox(conversation, since);
    const events = (shared.options.events ?? []).map((destination) =>
      this.#open(conversation, destination, destination),
    );
    for (const opening of [this.#inbox, ...events]) await opening?.opened;
  }

  #accept(user: User): Conversation {
    const { registry } = this.shared;
    const wire = this.#wire;
    const client = new Client(this.id, user, wire);
    const conversation = new Conversation({ client, services: this.shared, wire, ender: this });
    // As a stranger no more.
    this.#conversation = conversation;
    this.#held.countTo(conversation.share);
    this.slices.signedIn(user.name);
    registry.strangers.connections--;
    wire.countTo?.(conversation.share);
    return conversation;
  }

  #openInbox(conversation: Conversation, since: string | undefined): Opening | undefined {
    const { notifications } = this.shared.options;
    if (notifications !== undefined) return this.#open(conversation, INBOX, notifications, since);
    if (since !== undefined)
      throw new Refusal('invalid_header', 'There is nothing here to go on with since.');
    return undefined;
  }

  #open(conversation: Conversation, id: string, destination: string, since?: string): Opening | undefined {
    const address = userAddress(conversation.user.name, destination);
    const request = { kind: 'user', mode: 'auto', prefetch: 1, hearsGaps: true } as const;
    return conversation.subscribe(
      { ...request, id, destination: `/user${destination}`, address },
      { show: (message) => message, tell: (message) => this.#wire.send(this.#packetOf(message, id)) },
      { since },
    );
  }

  #packetOf(message: Message, id: string): Uint8Array {
    const { events } = this.shared;
    if (message.isControl) return events.ofControl(message);
    return id === INBOX ? events.ofInbox(message) : events.ofUser(message);
  }

  #takeNext(): void {
    while (!this.#isBusy && !this.#isOver) {
      const packet = this.#waiting.shift();
      if (packet === undefined) break;
      this.#held.add(-packet.length);
      if (packet.startsWith(DISCONNECT)) {
        this.disconnected();
        return this.#wire.close(1000, '');
      }
      // `socket.io` calls `#handle` for each of these, or closes.
      this.#isBusy = packet.startsWith(EVENT);
      this.#wire.pass(packet);
    }
    if (this.#isOver) return;
    // What a WebSocket brings is read on while little waits.
    if (this.#held.bytes > this.shared.limits.heldBytes) this.#wire.pause();
    else this.#wire.resume();
  }

  /** Never throws. @param values what was emitted, its callback last */
  async #handle(event: string, values: unknown[]): Promise<void> {
    const callback = typeof values.at(-1) === 'function' ? (values.pop() as Callback) : undefined;
    try {
      await this.#perform(event, values);
      if (!this.#isOver) callback?.({ ok: true });
    } catch (error) {
      this.#answer(event, callback, error);
    }
    this.#isBusy = false;
    this.#takeNext();
  }

  async #perform(event: string, values: readonly unknown[]): Promise<void> {
    const { commands, limits } = this.shared;
    const excess = excessIn(values, limits);
    if (excess !== undefined) throw new Refusal('malformed_frame', `The event ${excess}.`);
    const command = commands.get(event);
    if (!command) throw new Refusal('unknown_command', 'Nothing here listens to that event.');
    await this.#call(command(...values));
  }

  /** As a SEND of STOMP. @throws {Refusal} */
  async #call({ destination, body }: SocketIoCall): Promise<void> {
    const { application, authorizer, limits } = this.shared;
    if (!this.#conversation) return;
    const { client } = this.#conversation;
    if (destination.length > limits.destinationCharacters || !application.handles('SEND', destination))
      throw new Refusal('unknown_destination', 'Nothing answers to that.');
    if (!(await authorizer.isAllowed(client.user, 'SEND', destination)))
      throw new Refusal('forbidden', 'Your role may not do that.');
    const fail = (error: unknown): void => this.#answer(destination, undefined, error);
    await callMethod(this.shared, { destination, body, client, fail });
  }

  /** Says what was wrong with an event; the connection goes on. */
  #answer(event: string, callback: Callback | undefined, thrown: unknown): void {
    if (this.#isOver) return;
    const refusal: Refusal<string> | undefined = thrown instanceof Refusal ? thrown : undefined;
    if (!refusal) this.shared.observer.failed?.({ id: this.id }, thrown);
    const error = shown(refusal ?? FAILED);
    if (callback) callback({ ok: false, error });
    else this.#wire.send(packetOf('refused', { event: event.slice(0, SHOWN), ...error }));
  }

  /** One that asks for an answer gets it, and of the others one a second. */
  #tooFast(packet: string): void {
    if (++this.#refused >= TOO_FAST) return this.terminate('rate_limited');
    const error = shown(ending('rate_limited'));
    const [, id] = ANSWERED_EVENT.exec(packet.slice(0, SHOWN)) ?? [];
    if (id !== undefined)
      return this.#wire.send(Buffer.from(`43${id}${JSON.stringify([{ ok: false, error }])}`));
    const now = this.shared.clock.monotonic();
    if (now - this.#toldAt < 1_000) return;
    this.#toldAt = now;
    if (!this.isNew) this.#wire.send(packetOf('refused', error));
  }

  /**
   * Refuses a CONNECT. Its client doesn't come back by itself after it was told why; where coming back helps, it is only
   * closed, after which a client does.
   */
  #refuse(refusal: Ended, next: Next): void {
    const { clock } = this.shared;
    if (comesBack(refusal)) {
      this.#close(refusal);
      return next();
    }
    next(Object.assign(new Error(sentenceOf(refusal)), { data: shown(refusal) }));
    clock.soon(() => this.#close(refusal));
  }

  /** A client comes back by itself after a close, and doesn't after a DISCONNECT. */
  #end(refusal: Ended): void {
    if (this.#isOver) return;
    if (!this.isNew && !comesBack(refusal)) {
      this.#wire.send(packetOf('session-ended', shown(refusal)));
      this.#wire.send(Buffer.from(`4${DISCONNECT}`));
    }
    this.#close(refusal);
  }

  #close({ code, answer }: Ended): void {
    this.disconnected(code as ClosingCode);
    this.#wire.close(answer.close, code);
  }

  #told(error: unknown): Ended {
    if (isEnding(error)) return error;
    this.shared.observer.failed?.({ id: this.id }, error);
    return fault;
  }
}

/**
 * Who speaks: by `auth.token`, or the header of the first request.
 * @throws {Refusal} auth_failed, invalid_header
 */
function handshakeOf(
  auth: unknown,
  { authorization: header }: Arrival,
): Omit<Credentials, 'remoteAddress'> & { readonly since: string | undefined } {
  const { token, since } = auth as Readonly<Record<string, unknown>>;
  if (since !== undefined && typeof since !== 'string')
    throw new Refusal('invalid_header', 'auth.since is a cursor, or earliest.');
  const authorization = typeof token === 'string' ? `Bearer ${token}` : header;
  if (authorization === undefined)
    throw new Refusal('auth_failed', 'Name a token: io(url, { auth: { token } }).');
  return { authorization, login: undefined, passcode: undefined, since };
}
