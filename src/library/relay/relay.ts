import { randomBytes } from 'node:crypto';
import type { Clock } from '../broker/clock.js';
import type { Message } from '../broker/message.js';
import type { Relay, Relayed, Wanted } from '../broker/relay.js';
import type { Limits } from '../limits.js';
import { RelayChannels, type Layout } from './channels.js';
import { Envelopes } from './envelope.js';
import { Incoming } from './incoming.js';
import { Interest } from './interest.js';
import type { Letters } from './letters.js';
import type { Line } from './line.js';
import { Outgoing, type RelayContent } from './outgoing.js';
import { RelayStats } from './relay-stats.js';

/** How a node is joined to the others. */
export interface RelayOptions extends Partial<Layout> {
  /** The way there. It is opened and closed with the broker. */
  readonly line: Line;
  /** Where messages wait that are too large for the line. Default: nowhere, and they don't cross. */
  readonly letters?: Letters;
  /** `news`: of what a user's log keeps, no text goes through the line; each node reads it in its database. Default `full`. */
  readonly content?: RelayContent;
  /** What it has done, for metrics. Default: its own. */
  readonly stats?: RelayStats;
  /** Told when the other nodes are out of reach, with the cause, and when they are in reach again. */
  readonly onChange?: (change: 'up' | { readonly away: Error }) => void;
}

interface RelayServices {
  readonly clock: Clock;
  readonly limits: Limits;
  /** Told of faults that no client waits for. */
  readonly report: (error: unknown) => void;
}

const NODE_BYTES = 8;
const USER_CHANNELS = 1_024;

/** The relay over a line: what crosses, on which channels, and what is known to be lost. It promises no delivery. */
export class LineRelay implements Relay {
  readonly stats: RelayStats;
  readonly #channels: RelayChannels;
  readonly #envelopes = new Envelopes(randomBytes(NODE_BYTES).toString('base64url'));
  readonly #interest: Interest;
  readonly #outgoing: Outgoing;
  #incoming: Incoming | undefined;
  #relayed: Relayed | undefined;
  /** When it was away last, ms since the Unix epoch; undefined where it never was up. */
  #awaySince: number | undefined;
  /** Channels on which something was heard since then, though the line isn't up yet. */
  readonly #heardEarly = new Set<string>();
  #made = 0;

  constructor(
    private readonly options: RelayOptions,
    private readonly services: RelayServices,
  ) {
    const { line, letters, content = 'full', prefix = 'carillon', userChannels = USER_CHANNELS } = options;
    const { clock, limits } = services;
    this.stats = options.stats ?? new RelayStats();
    this.#channels = new RelayChannels({ prefix, userChannels });
    this.#interest = new Interest({
      channels: this.#channels,
      line,
      clock,
      limits,
      onLeft: (channel) => {
        this.#incoming?.forget(channel);
        this.stats.channels = this.#interest.size;
      },
    });
    this.#outgoing = new Outgoing({
      line,
      letters,
      envelopes: this.#envelopes,
      content,
      clock,
      limits,
      stats: this.stats,
      nextId: () => `relay-${++this.#made}`,
      onFault: services.report,
    });
  }

  async open(relayed: Relayed): Promise<void> {
    this.#relayed = relayed;
    const { line, letters } = this.options;
    const { clock, limits, report } = this.services;
    const incoming = new Incoming(relayed, {
      envelopes: this.#envelopes,
      letters,
      clock,
      limits,
      stats: this.stats,
      onLost: (channel, since) => this.#lost(channel, since),
      onFault: report,
    });
    this.#incoming = incoming;
    await line.open({
      heard: (channel, payload) => {
        this.#tellBeforeFirst(channel);
        incoming.hear(channel, payload);
      },
      up: () => this.#up(),
      away: (cause) => this.#away(cause),
    });
    await this.#interest.open();
  }

  publish(message: Message): void {
    const channel = message.isControl ? undefined : this.#channels.of(message.address);
    if (channel !== undefined) this.#outgoing.add(channel, message);
  }

  room(): Promise<void> | undefined {
    return this.#outgoing.room();
  }

  want(address: string): Wanted {
    const wanted = this.#interest.want(address);
    this.stats.channels = this.#interest.size;
    return wanted;
  }

  async close(): Promise<void> {
    this.#outgoing.flush();
    this.#interest.close();
    this.options.letters?.stop?.();
    await this.options.line.close();
  }

  /** A line that comes back hears on some channels before it listens to all, and it isn't up. What it missed is told first. */
  #tellBeforeFirst(channel: string): void {
    if (this.stats.isUp || this.#awaySince === undefined || this.#heardEarly.has(channel)) return;
    this.#heardEarly.add(channel);
    this.#lost(channel, this.#awaySince);
  }

  #up(): void {
    const { stats } = this;
    stats.isUp = true;
    this.#heardEarly.clear();
    this.#outgoing.up();
    this.options.onChange?.('up');
    const since = this.#awaySince;
    if (since === undefined) return;
    stats.reconnects++;
    this.#incoming?.begin();
    this.#relayed?.up();
    this.#relayed?.missed(() => true, since);
  }

  #away(cause: Error): void {
    this.stats.isUp = false;
    this.#awaySince = this.services.clock.now();
    this.#outgoing.away();
    this.#heardEarly.clear();
    this.#incoming?.begin();
    this.options.onChange?.({ away: cause });
    this.#relayed?.away();
  }

  #lost(channel: string, since: number): void {
    const channels = new Set([channel]);
    this.#relayed?.missed((address) => this.#interest.isCarriedBy(channels, address), since);
  }
}
