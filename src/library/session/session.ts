import { codes, isEnding, Refusal, type ClosingCode } from '../errors.js';
import type { Timer } from '../broker/clock.js';
import { OwnSlices } from '../broker/slices.js';
import {
  isClientCommand,
  receiptOf,
  type ClientCommand,
  type Frame,
  type FrameHead,
} from '../stomp/frame.js';
import { Client } from './client.js';
import { credentialsOf, negotiate, type AcceptedClient } from './connect.js';
import { Connected, type SessionServices } from './connected.js';
import { newConnectionId } from './connection-id.js';
import { Departure } from './departure.js';
import { ending } from './endings.js';
import { errorBody, errorHeaders, fault } from './error-frame.js';
import { Heartbeats } from './heartbeats.js';
import { Intake } from './intake.js';
import { FrameWriter } from './frame-writer.js';
import type { Wire } from './ports.js';
import { send } from './send.js';
import { ack, nack } from './settle.js';
import { subscribe } from './subscribe.js';
import { abort, begin, commit } from './transaction-commands.js';
import { Turns } from './turns.js';
import { unsubscribe } from './unsubscribe.js';
import type { SessionActions, Work } from './work.js';

type Command = (session: Connected, frame: Frame) => Work;

const commands: Record<Exclude<ClientCommand, 'CONNECT' | 'STOMP'>, Command> = {
  SEND: send,
  SUBSCRIBE: subscribe,
  UNSUBSCRIBE: unsubscribe,
  ACK: ack,
  NACK: nack,
  BEGIN: begin,
  COMMIT: commit,
  ABORT: abort,
  // STOMP 1.2, DISCONNECT: its RECEIPT says that all before it was handled; nothing after it is accepted.
  DISCONNECT: () => 'last',
};

/** Makes the session of a connection that was just accepted. */
export type OpenSession = (wire: Wire, remoteAddress: string) => Session;

/** One STOMP connection's session: takes its frames strictly in turn, answers each, and ends with a reason. */
export class Session implements SessionActions {
  readonly id = newConnectionId();
  /** In which it reads, and takes its frames. */
  readonly slices: OwnSlices;
  readonly #writer: FrameWriter;
  readonly #turns: Turns<FrameHead>;
  readonly #intake: Intake;
  #connected: Connected | undefined;
  /** Of a CONNECT that doesn't come. */
  readonly #connectTimer: Timer;
  /** While it isn't known yet who connects. */
  #departure: Departure | undefined;
  #isOver = false;

  constructor(
    wire: Wire,
    private readonly remoteAddress: string,
    private readonly services: SessionServices,
  ) {
    const { clock, limits, interceptors } = services;
    const writer = new FrameWriter(wire);
    this.#writer = writer;
    this.#turns = new Turns(writer, this, { clock, errorWaitMs: limits.errorWaitMs });
    const { strangers } = services.registry;
    strangers.connections++;
    wire.countTo?.(strangers);
    const slices = new OwnSlices(services.broker.slices, remoteAddress);
    this.slices = slices;
    this.#intake = new Intake(this.#turns, this, { limits, slices, writer, interceptors }, strangers);
    this.#connectTimer = clock.after(limits.connectMs, () => this.#tooLate());
  }

  /** Takes bytes as they came, however they were cut. Never throws. */
  receive(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.heard();
    this.#intake.push(bytes);
  }

  /** Whether its CONNECT hasn't come yet. */
  get isNew(): boolean {
    return this.#intake.isNew;
  }

  /** A sign of life without bytes. */
  heard(): void {
    this.#writer.heard();
  }

  /** The peer says no more: what is in hand is taken and answered, then the conversation ends as if by DISCONNECT. */
  finish(): void {
    this.#intake.finish();
  }

  /** The wire is gone. Idempotent. */
  disconnected(reason: ClosingCode | 'closed' = 'closed'): void {
    this.#dispose(reason);
  }

  /** Ends a conversation for a reason that isn't a frame's: ERROR, then the close. */
  terminate(code: ClosingCode): void {
    this.#turns.fail(ending(code));
    // A session that lost its authorization is closed at once; what is still being done for it is not awaited.
    if (codes[code].close === codes.auth_revoked.close) this.#turns.failNow();
  }

  /** @throws {Refusal} where the frame has no place now */
  perform(frame: Frame): Work {
    const { command } = frame;
    if (!isClientCommand(command)) {
      throw new Refusal('unknown_command', `${JSON.stringify(command)} isn't a command of a STOMP client.`);
    }
    // STOMP 1.2, CONNECT or STOMP frame: the server handles both in the same manner.
    if (command === 'CONNECT' || command === 'STOMP') {
      if (this.#connected) throw new Refusal('already_connected', 'This connection has had its CONNECT.');
      return { turn: this.#connect(frame) };
    }
    if (!this.#connected) throw new Refusal('not_connected', 'The first frame is CONNECT or STOMP.');
    if (command === 'NACK' && this.#connected.version === '1.0') {
      throw new Refusal('unknown_command', 'STOMP 1.0 has no NACK.');
    }
    return commands[command](this.#connected, frame);
  }

  fail(error: unknown): void {
    this.#turns.fail(error);
  }

  /** STOMP 1.2, ERROR: says what was wrong, names the receipt of the frame, and the connection closes after it. */
  refuse(thrown: unknown, frame: FrameHead | undefined): void {
    // Ours is logged whole and told short.
    if (!isEnding(thrown)) this.services.observer.failed?.(this, thrown);
    const refusal = isEnding(thrown) ? thrown : fault;
    const headers = errorHeaders(refusal);
    const receipt = frame && receiptOf(frame);
    if (receipt !== undefined) headers.push(['receipt-id', receipt]);
    this.#writer.reply('ERROR', headers, Buffer.from(errorBody(refusal.message, frame)));
    this.#close(refusal.code, refusal.answer.close, refusal.code);
  }

  /** DISCONNECT was answered. */
  finished(): void {
    this.#close('closed', 1000, '');
  }

  async #connect(frame: Frame): Promise<void> {
    this.#connectTimer.cancel();
    const { id, remoteAddress } = this;
    const { wire } = this.#writer;
    this.services.observer.connecting?.({ id, remoteAddress, transport: wire.transport });
    const { heartbeat, version } = negotiate(frame, wire, this.services);
    const departure = new Departure();
    this.#departure = departure;
    const user = await this.services.authenticator.authenticate(
      credentialsOf(frame, remoteAddress, departure),
    );
    this.#departure = undefined;
    if (this.#isOver || this.#turns.hasFailed) return;
    this.#accept({ heartbeat, version, user });
  }

  #accept({ heartbeat, version, user }: AcceptedClient): void {
    const { id, services } = this;
    const writer = this.#writer;
    const { wire } = writer;
    const client = new Client(id, user, wire);
    const connected = new Connected(client, version, writer, services, this);
    services.registry.strangers.connections--;
    this.#connected = connected;
    const { share } = connected;
    this.#turns.share = share;
    this.slices.signedIn(user.name);
    this.#intake.accepted(version, client, share);
    wire.countTo?.(share);
    writer.agree(version, new Heartbeats(heartbeat, wire, services.clock, this));
    writer.reply('CONNECTED', [
      ['version', version],
      ['session', id],
      ['server', services.server],
      ['heart-beat', heartbeat.header],
      ['user-name', user.name],
    ]);
    connected.begin();
  }

  #close(reason: string, code: number, text: string): void {
    this.#dispose(reason);
    this.#writer.wire.close(code, text);
  }

  /** Forgets everything, and says nothing. */
  #dispose(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#turns.stop();
    this.#connectTimer.cancel();
    this.#departure?.leave();
    this.#intake.stop();
    this.#writer.stop();
    if (this.#connected) this.#connected.dispose(reason);
    else this.#disposeUnknown(reason);
  }

  #disposeUnknown(reason: string): void {
    const { registry, observer } = this.services;
    registry.strangers.connections--;
    if (reason !== 'closed')
      observer.refused?.({ id: this.id, transport: this.#writer.wire.transport, reason });
  }

  #tooLate(): void {
    const { connectMs } = this.services.limits;
    this.#turns.fail(new Refusal('auth_timeout', `CONNECT has to come within ${connectMs} ms.`));
  }
}
