import type { Clock, Timer } from '../broker/clock.js';
import type { Wanted } from '../broker/relay.js';
import type { Limits } from '../limits.js';
import type { RelayChannels } from './channels.js';
import type { Line } from './line.js';

interface Listened {
  wants: number;
  /** Undefined once the engine has confirmed it. */
  ready: Promise<void> | undefined;
  /** Of a channel that nobody wants any more. */
  idle: Timer | undefined;
}

/** What the choice of channels needs. */
export interface InterestServices {
  readonly channels: RelayChannels;
  readonly line: Pick<Line, 'listen' | 'unlisten'>;
  readonly clock: Clock;
  readonly limits: Pick<Limits, 'relayIdleMs'>;
  /** That channel isn't listened to any more. */
  readonly onLeft: (channel: string) => void;
}

/**
 * The channels that somebody here wants. What is asked for while the engine confirms the channels before goes to it
 * together; a channel that nobody wants is listened to a while longer, since its clients often come back.
 */
export class Interest {
  readonly #listened = new Map<string, Listened>();
  /** Asked for, and the engine hasn't been told yet. */
  #next: Batch | undefined;
  /** Until the line is open, and while the engine is being told. */
  #isBusy = true;

  constructor(private readonly services: InterestServices) {}

  /** How many channels are listened to, or will be. */
  get size(): number {
    return this.#listened.size;
  }

  /** The line is open. @returns when all that was asked for until now is listened to */
  async open(): Promise<void> {
    this.#isBusy = false;
    await this.#listen();
  }

  want(address: string): Wanted {
    const channels = this.services.channels.wantedBy(address);
    const waits: Promise<void>[] = [];
    for (const channel of channels) {
      const { ready } = this.#want(channel);
      // Channels of a pattern that were asked for together are confirmed together.
      if (ready && waits.at(-1) !== ready) waits.push(ready);
    }
    let isDropped = false;
    return {
      ready: waits.length > 1 ? Promise.all(waits).then(() => undefined) : waits[0],
      drop: () => {
        if (isDropped) return;
        isDropped = true;
        for (const channel of channels) this.#drop(channel);
      },
    };
  }

  /** Whether any of some channels carries what matches an address or a pattern. */
  isCarriedBy(channels: ReadonlySet<string>, address: string): boolean {
    return this.services.channels.wantedBy(address).some((channel) => channels.has(channel));
  }

  close(): void {
    for (const { idle } of this.#listened.values()) idle?.cancel();
    this.#listened.clear();
  }

  #want(channel: string): Listened {
    const known = this.#listened.get(channel);
    if (known) {
      known.wants++;
      known.idle?.cancel();
      known.idle = undefined;
      return known;
    }
    const listened: Listened = { wants: 1, ready: undefined, idle: undefined };
    this.#listened.set(channel, listened);
    const batch = this.#nextBatch();
    batch.asked.set(channel, listened);
    listened.ready = batch.confirmed;
    return listened;
  }

  #nextBatch(): Batch {
    if (this.#next) return this.#next;
    let confirm = (): void => {};
    const confirmed = new Promise<void>((resolve) => {
      confirm = resolve;
    });
    const batch = { asked: new Map<string, Listened>(), confirmed, confirm };
    this.#next = batch;
    // What is asked for in one go, such as all channels of a pattern, goes together.
    queueMicrotask(() => void this.#listen());
    return batch;
  }

  async #listen(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let batch = this.#next; batch; batch = this.#next) {
      this.#next = undefined;
      await this.services.line.listen([...batch.asked.keys()]);
      for (const listened of batch.asked.values()) listened.ready = undefined;
      batch.confirm();
    }
    this.#isBusy = false;
  }

  #drop(channel: string): void {
    const { clock, limits, line, onLeft } = this.services;
    const listened = this.#listened.get(channel);
    if (!listened || --listened.wants > 0) return;
    listened.idle = clock.after(limits.relayIdleMs, () => {
      this.#listened.delete(channel);
      line.unlisten([channel]);
      onLeft(channel);
    });
  }
}

/** Channels that the engine is told of together. */
interface Batch {
  readonly asked: Map<string, Listened>;
  readonly confirmed: Promise<void>;
  readonly confirm: () => void;
}
