import type { Clause } from './clause.js';
import { bodies } from './clauses/bodies.js';
import { connecting } from './clauses/connecting.js';
import { disconnecting } from './clauses/disconnecting.js';
import { erring } from './clauses/erring.js';
import { escaping } from './clauses/escaping.js';
import { frames } from './clauses/frames.js';
import { heartBeating } from './clauses/heart-beating.js';
import { interoperating } from './clauses/interoperating.js';
import { limiting } from './clauses/limits.js';
import { negotiating } from './clauses/negotiating.js';
import { receipts } from './clauses/receipts.js';
import { sending } from './clauses/sending.js';
import { settling } from './clauses/settling.js';
import { subscribing } from './clauses/subscribing.js';
import { transactions } from './clauses/transactions.js';

/** What STOMP 1.0, 1.1 and 1.2 ask of a server, and what Carillon does where they ask nothing. */
export const clauses: readonly Clause[] = [
  ...frames,
  ...escaping,
  ...bodies,
  ...limiting,
  ...connecting,
  ...negotiating,
  ...heartBeating,
  ...sending,
  ...subscribing,
  ...settling,
  ...transactions,
  ...receipts,
  ...disconnecting,
  ...erring,
  ...interoperating,
];
