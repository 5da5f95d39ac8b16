import { randomUUID } from 'node:crypto';
import { codes, isEnding, Refusal, type ClosingCode } from '../errors.js';
import type { Timer } from '../broker/clock.js';
import { encode } from '../stomp/encoder.js';
import { isClientCommand, type ClientCommand, type Frame } from '../stomp/frame.js';
import type { Version } from '../stomp/version.js';
import { Client } from './client.js';
import { credentialsOf, negotiate, type Accepted } from './connect.js';
import { Connected, type SessionServices, type Voice, type Work } from './connected.js';
import { Departure } from './departure.js';
import { disconnect } from './disconnect.js';
import { errorBody, errorHeaders, fault, type FrameHead } from './error-frame.js';
import { receiptOf } from './header.js';
import { watchLogin } from './expiry.js';
import { Heartbeats } from './heartbeats.js';
import { Intake, type Handling } from './intake.js';
import type { Wire } from './ports.js';
import { send } from './send.js';
import { ack, nack } from './settle.js';
import { subscribe } from './subscribe.js';
import { abort, begin, commit } from './transaction-commands.js';
import { Turns, type Answers } from './turns.js';
import { unsubscribe } from './unsubscribe.js';

type Command = (session: Connected, frame: Frame) => Work | undefined;

const commands: Record<Exclude<ClientCommand, 'CONNECT' | 'STOMP'>, Command> = {
  SEND: send,
  SUBSCRIBE: subscribe,
  UNSUBSCRIBE: unsubscribe,
  ACK: ack,
  NACK: nack,
  BEGIN: begin,
  COMMIT: commit,
  ABORT: abort,
  DISCONNECT: disconnect,
};

/** Makes the session of a connection that was just accepted. */
export type OpenSession = (wire: Wire, remoteAddress: string) => Session;

/** One client's conversation: takes its frames strictly in turn, answers each, and ends with a reason. */
export class Session implements Answers, Handling, Voice {
  readonly id = randomUUID();
  readonly #turns: Turns;
  readonly #intake: Intake;
  #connected: Connected | undefined;
  #heartbeats: Heartbeats | undefined;
  /** Of CONNECT that doesn't come, then of a login that expires. */
  #timer: Timer | undefined;
  #stopWatching: (() => void) | undefined;
  /** While it isn't known yet who connects. */
  #departure: Departure | undefined;
  #isOver = false;

  constructor(
    private readonly wire: Wire,
    private readonly remoteAddress: string,
    private readonly services: SessionServices,
  ) {
    const { clock, limits } = services;
    this.#turns = new Turns(this, clock, limits.errorWaitMs);
    const { strangers } = services.registry;
    strangers.connections++;
    wire.countTo?.(strangers);
    const { slices } = services.broker;
    this.#intake = new Intake(
      this.#turns,
      this,
      { limits, slices },
      { owner: remoteAddress, share: strangers },
    );
    this.#timer = clock.after(limits.connectMs, () => this.#tooLate());
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

  /** Whether the time of this turn of the event loop is used up: what is read now is for `later`. */
  get isTurnOver(): boolean {
    return this.#intake.isTurnOver;
  }

  later(callback: () => void): void {
    this.#intake.later(callback);
  }

  /** A sign of life without bytes. */
  heard(): void {
    this.#heartbeats?.heard();
  }

  /** The peer says no more: what is in hand is taken and answered, then the conversation ends as if by DISCONNECT. */
  finish(): void {
    this.#intake.finish();
  }

  /** The wire is gone. Idempotent. */
  lost(reason: ClosingCode | 'closed' = 'closed'): void {
    this.#end(reason);
  }

  /** Ends a conversation for a reason that isn't a frame's: ERROR, then the close. */
  end(code: ClosingCode): void {
    const retryAfterMs = code === 'rate_limited' ? 1_000 : undefined;
    this.#turns.fail(new Refusal(code, endings[code] ?? 'The connection ends.', { retryAfterMs }));
    // Who may not be here any more gets nothing more, and no patience for what is still being done for him.
    if (codes[code].close === codes.auth_revoked.close) this.#turns.failNow();
  }

  intercept(frame: Frame): Frame | Promise<Frame> {
    return this.services.interceptors?.inbound(frame, this.#connected?.client) ?? frame;
  }

  /** @throws {Refusal} where the frame has no place now */
  perform(frame: Frame): Work | undefined {
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

  pause(): void {
    this.wire.pause();
    this.#heartbeats?.stopListening();
  }

  resume(): void {
    this.wire.resume();
    this.#heartbeats?.listenAgain();
  }

  write(frame: Uint8Array): void {
    if (this.#isOver) return;
    this.#heartbeats?.sent();
    this.wire.send(frame);
  }

  fail(error: unknown): void {
    this.#turns.fail(error);
  }

  receipt(id: string): void {
    this.#reply('RECEIPT', [['receipt-id', id]]);
  }

  /** STOMP 1.2, ERROR: says what was wrong, names the receipt of the frame, and the connection closes after it. */
  error(thrown: unknown, frame: FrameHead | undefined): void {
    // Ours is logged whole and told short.
    if (!isEnding(thrown)) this.services.observer.failed?.(this, thrown);
    const refusal = isEnding(thrown) ? thrown : fault;
    const headers = errorHeaders(refusal);
    const receipt = frame && receiptOf(frame);
    if (receipt !== undefined) headers.push(['receipt-id', receipt]);
    this.#reply('ERROR', headers, Buffer.from(errorBody(refusal.message, frame)));
    this.#close(refusal.code, refusal.answer.close, refusal.code);
  }

  last(): void {
    this.#close('closed', 1000, '');
  }

  async #connect(frame: Frame): Promise<void> {
    this.#timer?.cancel();
    const { id, remoteAddress, wire } = this;
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

  #accept({ heartbeat, version, user }: Accepted): void {
    const { id, wire, services } = this;
    const { transport } = wire;
    const connected = new Connected(new Client(id, user, transport), version, wire, services, this);
    services.registry.add(connected);
    services.registry.strangers.connections--;
    this.#connected = connected;
    const { share } = connected;
    this.#turns.share = share;
    this.#intake.accepted(version, { owner: `user ${user.name}`, share });
    wire.countTo?.(share);
    this.#heartbeats = new Heartbeats(heartbeat, wire, services.clock, this);
    if (version !== '1.0') wire.beatWhenSilent?.();
    const { ended, expiresAt } = user;
    const { clock, limits } = services;
    const { clockStepMs } = limits;
    this.#stopWatching = watchLogin({ ended, expiresAt }, { clock, clockStepMs }, (code) => this.end(code));
    this.#reply('CONNECTED', [
      ['version', version],
      ['session', id],
      ['server', services.server],
      ['heart-beat', heartbeat.header],
      ['user-name', user.name],
    ]);
    services.observer.connected?.({ id, user, transport });
    // It tells nobody any more, and the end is told after the beginning.
    if (ended?.aborted) this.end('auth_revoked');
  }

  #reply(command: string, headers: [string, string][], body?: Uint8Array): void {
    const version: Version = this.#connected?.version ?? '1.0';
    this.write(encode({ command, headers, ...(body && { body }) }, version));
  }

  #close(reason: string, code: number, text: string): void {
    this.#end(reason);
    this.wire.close(code, text);
  }

  #end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#turns.stop();
    this.#timer?.cancel();
    this.#stopWatching?.();
    this.#departure?.leave();
    this.#intake.stop();
    this.#heartbeats?.stop();
    if (!this.#connected) return this.#endUnknown(reason);
    const { id, user, subscriptions, client } = this.#connected;
    this.services.registry.delete(this.#connected);
    this.#connected.release();
    subscriptions.closeAll();
    client.leave();
    this.services.observer.disconnected?.({ id, user, reason });
  }

  #endUnknown(reason: string): void {
    const { registry, observer } = this.services;
    registry.strangers.connections--;
    if (reason !== 'closed') observer.refused?.({ id: this.id, transport: this.wire.transport, reason });
  }

  #tooLate(): void {
    const { connectMs } = this.services.limits;
    this.#turns.fail(new Refusal('auth_timeout', `CONNECT has to come within ${connectMs} ms.`));
  }
}

/** What the client is told where no frame of its own was at fault. */
const endings: Partial<Record<ClosingCode, string>> = {
  auth_expired: 'The token has expired; connect with a new one.',
  auth_revoked: 'The login was ended; sign in again.',
  heartbeat_timeout: 'Nothing was heard for longer than the heart-beats allow.',
  slow_consumer: 'Too many messages are unsettled or unread; connect again and read on.',
  rate_limited: 'More was sent than can be taken; send slower.',
  server_drain: 'This node is going away; connect again.',
};
