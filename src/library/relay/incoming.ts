import type { Clock } from '../broker/clock.js';
import type { Relayed } from '../broker/relay.js';
import type { Limits } from '../limits.js';
import { decode, type RelayedMessage, type Envelopes } from './envelope.js';
import { Gaps } from './gaps.js';
import type { Letters } from './letters.js';
import { LOST } from './outgoing.js';
import { messageKindOf, type RelayStats } from './relay-stats.js';

/** What the hearing half of a relay needs. */
export interface IncomingServices {
  readonly envelopes: Pick<Envelopes, 'isOwn'>;
  readonly letters: Pick<Letters, 'read'> | undefined;
  readonly clock: Clock;
  readonly limits: Pick<Limits, 'relayOutboxBytes'>;
  readonly stats: RelayStats;
  /** Messages of that channel may be lost. */
  readonly onLost: (channel: string, since: number) => void;
  readonly onFault: (error: unknown) => void;
}

/** What waits on a channel for a letter before it. */
interface Waiting {
  readonly envelopes: RelayedMessage[];
  bytes: number;
}

/** What can't be read is told of once in this time. */
const TOLD_EVERY_MS = 60_000;
/** A node that said nothing for so long is gone. */
const SILENT_MS = 24 * 60 * 60_000;

/** What comes from other nodes: to the broker, in order, without what is this node's own or was heard before. */
export class Incoming {
  readonly #gaps = new Gaps();
  readonly #waiting = new Map<string, Waiting>();
  /** When it was told last of what can't be read. */
  readonly #told = new Map<'poison' | 'version', number>();
  #swept: number;

  constructor(
    private readonly relayed: Pick<Relayed, 'hears' | 'deliver' | 'news'>,
    private readonly services: IncomingServices,
  ) {
    this.#swept = services.clock.now();
  }

  /** Never throws. */
  hear(channel: string, payload: Uint8Array): void {
    const { envelopes, stats } = this.services;
    stats.bytes.add('heard', payload.length);
    if (envelopes.isOwn(payload)) return;
    try {
      const known = decode(payload).filter((envelope) => this.#isKnown(envelope));
      const waiting = this.#waiting.get(channel);
      if (waiting) this.#wait(waiting, known, payload.length);
      else this.#take(channel, known);
    } catch (error) {
      this.#poison(channel, payload, error);
    }
  }

  /** Nothing was heard for a while, and the broker is told. */
  begin(): void {
    this.#gaps.begin();
  }

  forget(channel: string): void {
    this.#gaps.forget(channel);
  }

  #isKnown(envelope: RelayedMessage | undefined): envelope is RelayedMessage {
    if (!envelope)
      this.#unread('version', 'The relay heard messages of a version that this node does not read');
    return envelope !== undefined;
  }

  #take(channel: string, envelopes: readonly RelayedMessage[]): void {
    for (const [i, envelope] of envelopes.entries()) {
      if (!this.#isNew(channel, envelope)) continue;
      const { content, message } = envelope;
      if (content.kind === 'letter') {
        const waiting = { envelopes: envelopes.slice(i + 1), bytes: 0 };
        this.#waiting.set(channel, waiting);
        void this.#readLetter(channel, content.id, waiting);
        return;
      }
      if (content.kind === 'news') this.relayed.news(message.address, content.position);
      else this.relayed.deliver(message);
    }
  }

  /** Whether it is to be handed over; what its number and its address say is noted. */
  #isNew(channel: string, { node, seq, at, message }: RelayedMessage): boolean {
    const { clock, stats, onLost } = this.services;
    const now = clock.now();
    this.#sweep(now);
    const heard = this.#gaps.hear(channel, node, seq, now);
    if (heard === 'duplicate') {
      stats.dropped.add('duplicate');
      return false;
    }
    if (heard !== 'next') {
      stats.gaps++;
      onLost(channel, heard.lostSince);
    } else if (message.address === LOST) onLost(channel, at);
    if (message.address === LOST) return false;
    stats.messages.add(`heard ${messageKindOf(message.address)}`);
    stats.lag.add(Math.max(0, now - at) / 1_000);
    if (this.relayed.hears(message.address)) return true;
    stats.foreign++;
    return false;
  }

  async #readLetter(channel: string, id: string, waiting: Waiting): Promise<void> {
    const since = this.services.clock.now();
    try {
      const payload = await this.services.letters?.read(id);
      const message = payload && decode(payload)[0]?.message;
      if (message) this.relayed.deliver(message);
      else this.#letterLost(channel, since);
    } catch (error) {
      this.services.onFault(error);
      this.#letterLost(channel, since);
    }
    this.#waiting.delete(channel);
    this.#take(channel, waiting.envelopes);
  }

  #letterLost(channel: string, since: number): void {
    this.services.stats.dropped.add('letter');
    this.services.onLost(channel, since);
  }

  /** What finds no place is missed by its number. */
  #wait(waiting: Waiting, envelopes: readonly RelayedMessage[], bytes: number): void {
    if (waiting.bytes + bytes > this.services.limits.relayOutboxBytes) {
      this.services.stats.dropped.add('full', envelopes.length);
      return;
    }
    waiting.bytes += bytes;
    waiting.envelopes.push(...envelopes);
  }

  #poison(channel: string, payload: Uint8Array, cause: unknown): void {
    const { length } = payload;
    this.#unread('poison', `The relay heard ${length} bytes on ${channel} that are no messages`, cause);
  }

  /** Counts it, and tells of it now and then. */
  #unread(reason: 'poison' | 'version', what: string, cause?: unknown): void {
    const { stats, clock, onFault } = this.services;
    stats.dropped.add(reason);
    const now = clock.monotonic();
    if (now - (this.#told.get(reason) ?? -Infinity) < TOLD_EVERY_MS) return;
    this.#told.set(reason, now);
    onFault(new Error(what, { cause }));
  }

  #sweep(now: number): void {
    if (now - this.#swept < SILENT_MS) return;
    this.#gaps.forgetSilent(this.#swept);
    this.#swept = now;
  }
}
