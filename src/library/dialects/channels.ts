import type { User } from '../session/ports.js';

/** What is said in a channel, as clients read and write it. */
export interface ChannelMessage {
  /** Default: the channel that it is sent to. */
  readonly channel?: string;
  /** Says what kind of message it is: 1 to 64 of a-z, 0-9 and `-`. */
  readonly cmd: string;
  readonly param: unknown;
}

/** A user as others in a channel are told of them. */
export interface ChannelPerson {
  /** As in `user-<id>`. */
  readonly id: string | number;
  /** As people read it. */
  readonly name: string;
}

/** Where a connection belongs. */
export interface Joining {
  readonly channel: string;
  /** Stands in `ClientSession#attributes`, as `metadata`; no client sees it. */
  readonly metadata?: unknown;
}

/** Who may join which channel; the application's to implement. */
export interface ChannelRights {
  /**
   * Asked for each single channel, whatever its reader speaks. Not for `system`, which everybody reads, and those that
   * begin with `user-` or `secure-user-`, which are one user's own.
   * @returns false for no; metadata is for methods behind `/app/channels`
   */
  mayJoin(
    user: User,
    channel: string,
  ): boolean | { readonly metadata: unknown } | Promise<boolean | { readonly metadata: unknown }>;
}

/** Before the topic of a channel. */
export const CHANNELS = '/topic/channels.';
/** Everybody reads it, and nobody writes there. */
export const SYSTEM = 'system';
/** Below `/user`: what is said to one user in their own channel. */
export const OWN_QUEUE = '/queue/channel';

const NAME = /^[\w.-]{1,64}$/;
/** However it is spelled: nobody makes a channel that looks like another's own. */
const OWN = /^(?:secure-)?user-(.*)$/is;

/** Whether a channel may have that name. */
export function isChannel(name: string): boolean {
  return NAME.test(name);
}

/** The segment of a path that names a channel, read once. Undefined: it names none. */
export function channelIn(segment: string): string | undefined {
  try {
    const name = decodeURIComponent(segment);
    return isChannel(name) ? name : undefined;
  } catch {
    // What can't be decoded is no name.
    return undefined;
  }
}

/** Where what is said in a channel is published; of an own channel nothing is. */
export function topicOf(channel: string): string {
  return CHANNELS + channel.replaceAll('.', '%2E');
}

/** The channel of a topic, which has one spelling only. */
export function channelOf(topic: string): string | undefined {
  if (!topic.startsWith(CHANNELS)) return undefined;
  const channel = channelIn(topic.slice(CHANNELS.length));
  return channel !== undefined && topicOf(channel) === topic ? channel : undefined;
}

/** Whose own channel it is, an id as it was written; undefined for a channel that is nobody's own. */
export function ownerOf(channel: string): string | undefined {
  return OWN.exec(channel)?.[1];
}

/** How a person's own channel is called. */
export function ownChannelOf({ id }: ChannelPerson): string {
  return `user-${id}`;
}

/** Whether it is this person's own: in the two spellings that there are, and in no other. */
export function isOwnOf(person: ChannelPerson, channel: string): boolean {
  const own = ownChannelOf(person);
  return channel === own || channel === `secure-${own}`;
}
