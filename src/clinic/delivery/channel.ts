import type { Language } from '../words/language.js';
import type { EntityManager } from 'typeorm';
import type { Channel } from '../preferences/alert-kinds.js';

/** A way to a person that isn't the page. */
export type OutsideChannel = Exclude<Channel, 'inApp'>;

/**
 * What brings alerts to people who aren't looking: push, e-mail, and SMS for those who write an adapter. An alert may come
 * twice, where a node dies between the sending and the note of it: `Letter#id` is the same then.
 */
export interface DeliveryChannel<T extends Target = Target> {
  readonly name: OutsideChannel;
  /** Time for which a delivery holds its place, in ms: where each goes to another far end, those that hang are no others' trouble. Default: until it is over. */
  readonly placeMs?: number;
  /** Who of these can be reached this way at all; asked in the transaction of each alert, so it is one question. */
  reachable(manager: EntityManager, userIds: readonly number[]): Promise<ReadonlySet<number>>;
  /** Where these people can be reached; nobody is missing from it, but some have nowhere. */
  targetsOf(manager: EntityManager, userIds: readonly number[]): Promise<(userId: number) => readonly T[]>;
  /** Never rejects because of the far end: what that did is the outcome. It takes `deliveryMs` at most. */
  send(target: T, letter: Letter, stopped: AbortSignal): Promise<Outcome>;
  /** The far end knows nothing of this target any more. */
  forget?(manager: EntityManager, target: T): Promise<void>;
}

/** One device, mailbox or telephone of a person. */
export interface Target {
  readonly id: number;
  /** For people, such as `Firefox on Android`. */
  readonly name: string;
}

/** What is sent to one target. */
export interface Letter {
  /** Stable: a letter that comes again has it again. */
  readonly id: string;
  readonly notificationId: number;
  /** Of the kind of alert, where its reader lets that out of the page. */
  readonly title: string;
  /** The message, or that there is one: as much as its reader lets out of the page. */
  readonly text: string;
  readonly language: Language;
  readonly isCritical: boolean;
  /** From then on it says nothing useful. */
  readonly expiresAt: Date;
  /** Letters of one topic stand for each other, where the newest hasn't arrived yet. `[A-Za-z0-9_-]`, 32 at most. */
  readonly topic: string | null;
}

/** What the far end did with a letter. */
export type Outcome =
  | { readonly result: 'sent' }
  /** The target is no more. */
  | { readonly result: 'gone'; readonly reason: string }
  /** It would be refused again. */
  | { readonly result: 'refused'; readonly reason: string }
  /** It may work later. */
  | { readonly result: 'later'; readonly reason: string; readonly retryAfterMs?: number }
  /** It wasn't tried, and that counts as no attempt. */
  | { readonly result: 'postponed'; readonly reason: string; readonly retryAfterMs: number };
