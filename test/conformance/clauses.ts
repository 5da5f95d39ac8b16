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
import { replying } from './clauses/replying.js';
import { sending } from './clauses/sending.js';
import { settling } from './clauses/settling.js';
import { subscribing } from './clauses/subscribing.js';
import { transactions } from './clauses/transactions.js';

export interface Chapter {
  readonly title: string;
  readonly clauses: readonly Clause[];
}

/** What STOMP 1.0, 1.1 and 1.2 ask of a server, and what Carillon does where they ask nothing. */
export const chapters: readonly Chapter[] = [
  { title: 'Frames', clauses: frames },
  { title: 'Escapes', clauses: escaping },
  { title: 'Bodies', clauses: bodies },
  { title: 'Limits', clauses: limiting },
  { title: 'Connecting', clauses: connecting },
  { title: 'Protocol negotiation', clauses: negotiating },
  { title: 'Heart-beating', clauses: heartBeating },
  { title: 'Sending', clauses: sending },
  { title: 'Replying', clauses: replying },
  { title: 'Subscribing', clauses: subscribing },
  { title: 'Settling', clauses: settling },
  { title: 'Transactions', clauses: transactions },
  { title: 'Receipts', clauses: receipts },
  { title: 'Disconnecting', clauses: disconnecting },
  { title: 'Errors', clauses: erring },
  { title: 'Readers of different versions', clauses: interoperating },
];

export const clauses = chapters.flatMap((chapter) => chapter.clauses);
