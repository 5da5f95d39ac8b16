import { Buffer } from 'node:buffer';
import type { Clock, Timer } from '../broker/clock.js';
import type { Message } from '../broker/message.js';
import { kindOf } from '../broker/address.js';
import type { Limits } from '../limits.js';
import type { Content, Envelopes } from './envelope.js';
import type { Letters } from './letters.js';
import type { Line } from './line.js';
import { messageKindOf, type DropReason, type RelayStats } from './relay-stats.js';

/** Which messages of users cross with their text: all, or those that no log keeps. */
export type RelayContent = 'full' | 'news';

/** What the sending half of a relay needs. */
export interface OutgoingServices {
  readonly line: Pick<Line, 'largest' | 'send' | 'unsentBytes' | 'onDrain'>;
  readonly letters: Pick<Letters, 'put'> | undefined;
  readonly envelopes: Envelopes;
  readonly content: RelayContent;
  readonly clock: Clock;
  readonly limits: Pick<Limits, 'relayOutboxBytes' | 'relayRoomMs' | 'relayAliveMs'>;
  readonly stats: RelayStats;
  readonly nextId: () => string;
  readonly onFault: (error: unknown) => void;
}

/** A frame that is ready, or a letter that is to be written before what follows it. */
type Entry = { readonly frame: Buffer } | LetterEntry;

interface LetterEntry {
  readonly letter: Buffer;
  readonly announce: (id: string) => Buffer;
}

interface Way {
  /** Of the last message that was given a number on this channel. */
  seq: number;
  entries: Entry[];
  isStalled: boolean;
  /** When a payload was given to the line last, of the clock's `monotonic`. */
  sentAt: number;
  /** Since when something may be lost that nobody was told of yet, ms since the Unix epoch. */
  lostSince: number | undefined;
}

/** Told on a channel where something was lost on its way out, so that who listens notices by its number. */
export const LOST = '/node/lost';

/** Bytes of one payload, about: larger ones gain nothing. */
const PAYLOAD_BYTES = 64 * 1024;

/**
 * What leaves for other nodes. Messages are numbered for each channel, and what is collected in one turn of the event
 * loop leaves together. Nothing is kept for later: what can't leave is dropped, and its number shows it.
 */
export class Outgoing {
  readonly #ways = new Map<string, Way>();
  /** Ways with something to send, in the order in which it came. */
  #collected = new Map<string, Way>();
  #bytes = 0;
  #isUp = false;
  #isFlushDue = false;
  #room: Promise<void> | undefined;

  constructor(private readonly services: OutgoingServices) {}

  add(channel: string, message: Message): void {
    const { stats, limits } = this.services;
    const way = this.#wayOf(channel);
    const isFull = this.#waitingBytes >= limits.relayOutboxBytes;
    // A node that heard nothing of this one before sees no jump in its numbers.
    if (this.#isUp && !isFull) this.#tellLost(channel, way);
    const seq = ++way.seq;
    if (!this.#isUp) return this.#drop(way, 'away');
    if (isFull) return this.#drop(way, 'full');
    const entry = this.#entryOf(message, seq);
    if (!entry) return this.#drop(way, 'too_large');
    stats.messages.add(`sent ${messageKindOf(message.address)}`);
    this.#collect(channel, way, entry);
  }

  /** @see Relay#room */
  room(): Promise<void> | undefined {
    if (!this.#isUp || this.#waitingBytes < this.services.limits.relayOutboxBytes / 4) return undefined;
    this.#room ??= this.#awaitRoom().then(() => {
      this.#room = undefined;
    });
    return this.#room;
  }

  away(): void {
    this.#isUp = false;
    for (const way of this.#collected.values()) this.#forget(way);
    this.#collected.clear();
    this.#doubt();
  }

  up(): void {
    this.#isUp = true;
    for (const [channel, way] of this.#ways) this.#tellLost(channel, way);
  }

  /** Sends what is collected. */
  flush(): void {
    this.#isFlushDue = false;
    const collected = this.#collected;
    this.#collected = new Map();
    for (const [channel, way] of collected) this.#send(channel, way);
  }

  get #waitingBytes(): number {
    return this.#bytes + this.services.line.unsentBytes();
  }

  #wayOf(channel: string): Way {
    const known = this.#ways.get(channel);
    if (known) return known;
    const made: Way = { seq: 0, entries: [], isStalled: false, sentAt: -Infinity, lostSince: undefined };
    this.#ways.set(channel, made);
    return made;
  }

  #entryOf(message: Message, seq: number): Entry | undefined {
    const { envelopes, clock, content, line, letters } = this.services;
    const at = clock.now();
    const { position, address } = message;
    const write = (how: Content): Buffer => envelopes.encode(message, how, { seq, at });
    // What a user's log has is read there by the nodes that want it.
    const news = position && kindOf(address) === 'user' && ({ kind: 'news', position } as const);
    if (news && content === 'news') return { frame: write(news) };
    const frame = write({ kind: 'whole' });
    if (frame.length <= line.largest) return { frame };
    if (news) return { frame: write(news) };
    return letters && { letter: frame, announce: (id) => write({ kind: 'letter', id }) };
  }

  #collect(channel: string, way: Way, entry: Entry): void {
    way.entries.push(entry);
    this.#bytes += bytesOf(entry);
    if (way.isStalled) return;
    this.#collected.set(channel, way);
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    this.services.clock.soon(() => this.flush());
  }

  /** As far as the first letter, which what follows has to wait for. */
  #send(channel: string, way: Way): void {
    const most = Math.min(this.services.line.largest, PAYLOAD_BYTES);
    let frames: Buffer[] = [];
    let bytes = 0;
    const leave = (): void => {
      if (frames.length > 0) this.#sendPayload(channel, way, frames);
      frames = [];
      bytes = 0;
    };
    for (let entry = way.entries.shift(); entry; entry = way.entries.shift()) {
      this.#bytes -= bytesOf(entry);
      if ('letter' in entry) {
        leave();
        way.isStalled = true;
        void this.#sendLetter(channel, way, entry);
        return;
      }
      if (bytes > 0 && bytes + entry.frame.length > most) leave();
      frames.push(entry.frame);
      bytes += entry.frame.length;
    }
    leave();
  }

  #sendPayload(channel: string, way: Way, frames: readonly Buffer[]): void {
    const { line, stats, clock } = this.services;
    const payload = frames.length === 1 && frames[0] ? frames[0] : Buffer.concat(frames);
    if (!line.send(channel, payload)) return this.#drop(way, this.#isUp ? 'full' : 'away', frames.length);
    stats.bytes.add('sent', payload.length);
    way.sentAt = clock.monotonic();
  }

  async #sendLetter(channel: string, way: Way, { letter, announce }: LetterEntry): Promise<void> {
    try {
      const id = await this.services.letters?.put(letter);
      if (id === undefined || !this.#isUp) this.#drop(way, 'away');
      else this.#sendPayload(channel, way, [announce(id)]);
    } catch (error) {
      this.services.onFault(error);
      this.#drop(way, 'letter');
    }
    way.isStalled = false;
    if (this.#isUp) this.#send(channel, way);
    else this.#forget(way);
  }

  /** What was sent shortly before the line broke may have got nowhere: a dead one was asked in vain before it was noticed. */
  #doubt(): void {
    const { clock, limits } = this.services;
    const doubtMs = 2 * limits.relayAliveMs;
    const now = clock.monotonic();
    for (const way of this.#ways.values())
      if (now - way.sentAt <= doubtMs) way.lostSince ??= clock.now() - doubtMs;
  }

  #tellLost(channel: string, way: Way): void {
    const { lostSince } = way;
    if (lostSince === undefined) return;
    way.lostSince = undefined;
    const { envelopes, nextId } = this.services;
    const message = { id: nextId(), address: LOST, headers: new Map<string, string>(), body: NO_BODY };
    const numbered = { seq: ++way.seq, at: lostSince };
    this.#collect(channel, way, { frame: envelopes.encode(message, { kind: 'whole' }, numbered) });
  }

  #forget(way: Way): void {
    if (way.isStalled || way.entries.length === 0) return;
    for (const entry of way.entries) this.#bytes -= bytesOf(entry);
    this.#drop(way, 'away', way.entries.length);
    way.entries = [];
  }

  #drop(way: Way, reason: DropReason, count = 1): void {
    way.lostSince ??= this.services.clock.now();
    this.services.stats.dropped.add(reason, count);
  }

  #awaitRoom(): Promise<void> {
    const { line, clock, limits } = this.services;
    return new Promise((resolve) => {
      const timer: Timer = clock.after(limits.relayRoomMs, resolve);
      line.onDrain(() => {
        timer.cancel();
        resolve();
      });
    });
  }
}

function bytesOf(entry: Entry): number {
  return 'letter' in entry ? entry.letter.length : entry.frame.length;
}

const NO_BODY = new Uint8Array();
