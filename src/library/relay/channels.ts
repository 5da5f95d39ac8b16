import { Buffer } from 'node:buffer';
import { kindOf, segmentsOf } from '../broker/address.js';
import { NODE_READY, isNodeAddress } from '../broker/node-messages.js';

/** How addresses are spread over channels: the same on every node, since it is in the names of the channels. */
export interface Layout {
  /** What the names of all channels begin with: two clusters on one engine have two. 40 characters of `A-Z a-z 0-9 . _ -`. */
  readonly prefix: string;
  /** Over how many channels users are spread. With more of them a node hears less of users who aren't there. */
  readonly userChannels: number;
}

/** Changes with the meaning of the names, and never without: nodes of two versions of it don't hear each other. */
const LAYOUT_VERSION = 1;
const TOPIC_GROUPS = 16;
const CHANNELS_OF_A_GROUP = 64;
const QUEUE_CHANNELS = 64;
const REPLY_CHANNELS = 64;

/**
 * Which channel carries what. Channels are few and fixed, and addresses are hashed to them: a subscription seldom changes
 * what the engine has to know, and a pattern needs no engine that has patterns.
 *
 * - `u.<n>`: all addresses of a user share one;
 * - `t.<group>.<n>`: the group by the first segment below `/topic`, so that a pattern that names it is in one group;
 * - `r.<n>`: answers to `reply-to`;
 * - `q.<n>`: which queues have messages to claim;
 * - `n`: what nodes tell each other else.
 */
export class RelayChannels {
  readonly #begin: string;
  readonly #groups: readonly (readonly string[])[];
  readonly #topics: readonly string[];
  readonly #userChannels: number;

  constructor({ prefix, userChannels }: Layout) {
    this.#begin = `${prefix}:${LAYOUT_VERSION}:`;
    this.#userChannels = userChannels;
    this.#groups = range(TOPIC_GROUPS).map((group) =>
      range(CHANNELS_OF_A_GROUP).map((i) => `${this.#begin}t.${group}.${i}`),
    );
    this.#topics = this.#groups.flat();
  }

  /** The channel that what is published to an address goes to; undefined: it stays on its node. */
  of(address: string): string | undefined {
    switch (kindOf(address)) {
      case 'topic':
        return this.#groupOf(address)[fnv1a(address) % CHANNELS_OF_A_GROUP];
      case 'user':
        return `${this.#begin}u.${fnv1a(userIn(address)) % this.#userChannels}`;
      case 'reply-queue':
        return `${this.#begin}r.${fnv1a(address) % REPLY_CHANNELS}`;
      case 'queue':
      case 'app':
        return undefined;
      case undefined:
        return this.#nodeChannelOf(address);
    }
  }

  /** The channels that carry all that matches an address, or a pattern below `/topic`. */
  wantedBy(address: string): readonly string[] {
    if (kindOf(address) === 'topic' && address.includes('*'))
      return firstSegmentOf(address).includes('*') ? this.#topics : this.#groupOf(address);
    const channel = this.of(address);
    return channel === undefined ? [] : [channel];
  }

  #groupOf(address: string): readonly string[] {
    return this.#groups[fnv1a(firstSegmentOf(address)) % TOPIC_GROUPS] ?? [];
  }

  #nodeChannelOf(address: string): string | undefined {
    if (!isNodeAddress(address)) return undefined;
    return address.startsWith(NODE_READY)
      ? `${this.#begin}q.${fnv1a(address) % QUEUE_CHANNELS}`
      : `${this.#begin}n`;
  }
}

/**
 * FNV-1a of 32 bits over the UTF-8 of a text: the same on every node, for ever.
 * @see https://datatracker.ietf.org/doc/html/draft-eastlake-fnv
 */
export function fnv1a(text: string): number {
  const octets = Buffer.from(text);
  let hash = 0x811c9dc5;
  for (let i = 0; i < octets.length; i++) hash = Math.imul(hash ^ (octets[i] ?? 0), 0x01000193);
  return hash >>> 0;
}

/** `/topic/a.b` → `/a`. */
function firstSegmentOf(address: string): string {
  return segmentsOf(address)[1] ?? '';
}

/** `/user/ada%40example.org/queue/x` → `ada%40example.org`. */
function userIn(address: string): string {
  const end = address.indexOf('/', '/user/'.length);
  return address.slice('/user/'.length, end === -1 ? undefined : end);
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
