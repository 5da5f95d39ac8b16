import { kindOf } from '../broker/address.js';

/** What a message is about: the kind of its address, or `node` for what nodes tell each other. */
export type MessageKind = 'topic' | 'user' | 'reply' | 'node';
/** Whether a message went to the other nodes, or came from one. */
export type Direction = 'sent' | 'heard';
/**
 * Why a message didn't cross: the relay was `away`; it didn't take what was sent fast enough (`full`); it was `too_large`
 * for the line; its `letter` couldn't be written or read; it was a `duplicate`, of another `version`, or no message
 * (`poison`).
 */
export type DropReason = 'away' | 'full' | 'too_large' | 'letter' | 'duplicate' | 'version' | 'poison';

const LAG_BOUNDS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What a relay has done since it was made, for people and metrics. */
export class RelayStats {
  isUp = false;
  /** How often it was up again. */
  reconnects = 0;
  /** How often the numbers of a node had a gap. */
  gaps = 0;
  /** Messages that were heard and that nobody here is subscribed to: more channels would make them fewer. */
  foreign = 0;
  /** Channels that are listened to. */
  channels = 0;
  readonly messages = new KeyedCounts<`${Direction} ${MessageKind}`>();
  readonly bytes = new KeyedCounts<Direction>();
  readonly dropped = new KeyedCounts<DropReason>();
  /** From a message's publishing to its being heard, in seconds: as far as the clocks of the nodes agree. */
  readonly lag = new Histogram(LAG_BOUNDS_S);
}

/** How often each of a few things has happened. */
export class KeyedCounts<Key extends string> {
  readonly #counts = new Map<Key, number>();

  add(key: Key, count = 1): void {
    this.#counts.set(key, this.of(key) + count);
  }

  of(key: Key): number {
    return this.#counts.get(key) ?? 0;
  }

  entries(): Iterable<[Key, number]> {
    return this.#counts.entries();
  }
}

/** How many values were at most each bound. */
export class Histogram {
  readonly #counts: number[];
  sum = 0;
  count = 0;

  constructor(readonly bounds: readonly number[]) {
    this.#counts = bounds.map(() => 0);
  }

  add(value: number): void {
    this.sum += value;
    this.count++;
    const at = this.bounds.findIndex((bound) => value <= bound);
    if (at !== -1) this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  /** @returns for each bound how many values are at most that */
  buckets(): { readonly bound: number; readonly count: number }[] {
    let count = 0;
    return this.bounds.map((bound, i) => ({ bound, count: (count += this.#counts[i] ?? 0) }));
  }
}

/** Under which kind a message of that address is counted. */
export function messageKindOf(address: string): MessageKind {
  const kind = kindOf(address);
  if (kind === 'topic' || kind === 'user') return kind;
  return kind === 'reply-queue' ? 'reply' : 'node';
}
