import type { Message } from './link.js';
import type { Outlook } from './lookout.js';
import type { Status } from './status.js';

/** Of what tabs tell each other. A tab of another one, from before a deployment, is left alone. */
export const version = 1;

/** What tabs of one user tell each other. */
export type TabMessage =
  /** Who leads? Of one that is looked at, again and again: a leader that doesn't answer hangs. */
  | { readonly type: 'hello'; readonly isVisible: boolean }
  /** The answer, and what comes without a question when something changes. */
  | ({ readonly type: 'lead' } & Leading)
  /** You may lead: I am hidden, and you are looked at. */
  | { readonly type: 'yield'; readonly to: string }
  /** I lead no longer. */
  | { readonly type: 'resign' }
  /** To the leader: a subscription of mine. */
  | {
      readonly type: 'want';
      readonly id: number;
      readonly destination: string;
      readonly since: string | undefined;
      readonly hearsGaps: boolean;
    }
  | { readonly type: 'unwant'; readonly id: number }
  /** All of mine: this tab goes. */
  | { readonly type: 'bye' }
  | { readonly type: 'send'; readonly id: number; readonly destination: string; readonly body: unknown }
  | { readonly type: 'reconnect' }
  /** Of the leader: for all who have joined there. */
  | { readonly type: 'message'; readonly key: string; readonly message: Message }
  /** For one that catches up. */
  | { readonly type: 'missed'; readonly to: string; readonly id: number; readonly message: Message }
  | { readonly type: 'joined'; readonly to: string; readonly id: number }
  | { readonly type: 'ready'; readonly to: string; readonly id: number }
  | { readonly type: 'sent'; readonly to: string; readonly id: number; readonly error?: string }
  /** Ask for yourself what is new: there is no connection. */
  | { readonly type: 'ask' };

/** How the connection of all is, as its tab has it. */
export interface Leading {
  readonly status: Status;
  readonly outlook: Outlook;
  /** Numbers the links on which subscriptions can be had; undefined while there is none. */
  readonly link: number | undefined;
  /** What the leader's monotonic clock shows. */
  readonly at: number;
}

/** On the channel. */
export type Envelope = TabMessage & { readonly v: number; readonly from: string };
