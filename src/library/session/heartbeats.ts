import { withOthers, type Clock, type Timer } from '../broker/clock.js';
import type { Wire } from './ports.js';
import type { SessionActions } from './work.js';

const BEAT = Uint8Array.of(0x0a);

/** Heart-beats in both directions (STOMP 1.2, Heart-beating). An interval of 0 is none. */
export class Heartbeats {
  #sendTimer: Timer | undefined;
  #listenTimer: Timer | undefined;
  #sentAt: number;
  #heardAt: number;
  /** When the wire was asked. */
  #receivedBytes: number | undefined;
  #hasProbed = false;
  #isDeaf = false;
  #isStopped = false;

  constructor(
    private readonly intervals: { readonly sendEveryMs: number; readonly expectEveryMs: number },
    private readonly wire: Wire,
    private readonly clock: Clock,
    private readonly session: Pick<SessionActions, 'terminate'>,
  ) {
    this.#sentAt = this.#heardAt = clock.monotonic();
    if (intervals.sendEveryMs > 0) this.#scheduleBeat();
    if (intervals.expectEveryMs > 0) this.#listen(intervals.expectEveryMs);
  }

  /** Any frame counts as a beat, so that a busy connection carries none. */
  sent(): void {
    this.#sentAt = this.clock.monotonic();
  }

  /** Any byte, and a pong, counts as a beat. */
  heard(): void {
    this.#heardAt = this.clock.monotonic();
    this.#hasProbed = false;
  }

  /** While the socket isn't read, silence says nothing. */
  stopListening(): void {
    this.#isDeaf = true;
  }

  listenAgain(): void {
    this.#isDeaf = false;
    this.heard();
  }

  stop(): void {
    this.#isStopped = true;
    this.#sendTimer?.cancel();
    this.#listenTimer?.cancel();
  }

  /** A tenth early, and so never later than promised, for timers and networks are late and never early. */
  #scheduleBeat(): void {
    // A beat may be what overflows the wire, and end us in the middle.
    if (this.#isStopped) return;
    const { sendEveryMs } = this.intervals;
    const leftMs = this.#sentAt + sendEveryMs * 0.9 - this.clock.monotonic();
    const dueMs = withOthers(this.clock, leftMs, sendEveryMs, 'sooner');
    if (dueMs <= 0) {
      this.wire.send(BEAT);
      this.sent();
      return this.#scheduleBeat();
    }
    this.#sendTimer = this.clock.after(dueMs, () => this.#scheduleBeat());
  }

  #listen(ms: number): void {
    const dueMs = withOthers(this.clock, ms, this.intervals.expectEveryMs, 'later');
    this.#listenTimer = this.clock.after(dueMs, () => this.#checkSilence());
  }

  /**
   * After one interval the wire is asked for a sign of life, since a hidden tab's timers run once a minute, and nobody is
   * judged who wasn't asked: this process may have been paused. The error margin is a second interval ("the receiver
   * SHOULD take into account an error margin").
   */
  #checkSilence(): void {
    const { expectEveryMs } = this.intervals;
    if (this.#isDeaf) return this.#listen(expectEveryMs);

    const silentMs = this.clock.monotonic() - this.#heardAt;
    if (silentMs < expectEveryMs) return this.#listen(expectEveryMs - silentMs);
    const marginMs = Math.max(expectEveryMs, this.wire.silenceMarginMs);
    if (!this.#hasProbed) {
      this.#hasProbed = true;
      this.#receivedBytes = this.wire.receivedBytes;
      this.wire.probe();
      const leftMs = expectEveryMs + marginMs - silentMs;
      return this.#listen(leftMs > 0 ? leftMs : marginMs);
    }
    // A big message on a slow line takes longer than the heart-beats allow.
    if (this.wire.receivedBytes === this.#receivedBytes) return this.session.terminate('heartbeat_timeout');
    this.heard();
    this.#listen(expectEveryMs);
  }
}
