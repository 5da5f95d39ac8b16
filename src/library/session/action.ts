import type { Draft } from '../broker/message.js';
import type { Verdict } from '../broker/queues.js';
import type { ApplicationRequest } from './ports.js';
import type { Taken } from './subscription-table.js';

/** What a SEND, ACK or NACK comes to, once it was checked: done at once, or held in a transaction until COMMIT. */
export type Action =
  | { readonly kind: 'publish'; readonly draft: Draft }
  | { readonly kind: 'call'; readonly request: ApplicationRequest }
  | { readonly kind: 'enqueue'; readonly draft: Draft }
  | { readonly kind: 'settle'; readonly taken: Taken; readonly verdict: Verdict };
