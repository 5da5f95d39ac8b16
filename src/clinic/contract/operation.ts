import type { z } from 'zod';
import type { HttpCode } from '../errors.js';
import type { Role } from '../users/user.entity.js';
import type { answers } from './answers.js';

/** One call of the REST API, as a row of the contract. @param Body names of what may be sent with it */
export interface OperationWith<Body extends string = string> {
  readonly call: Call;
  readonly summary: string;
  readonly description?: string;
  /** Everybody, only these roles, or every holder of a token or a ticket. Without it: every holder of a token. */
  readonly access?: 'public' | 'ticket' | readonly Role[];
  readonly query?: z.ZodType;
  readonly headers?: readonly (keyof typeof requestHeaders)[];
  readonly body?: Body;
  readonly answer: OperationAnswer;
  /** Of the same answer where nothing was made. */
  readonly otherStatus?: 200;
  /** Beside those that follow from the rest of the row. @see openapi.ts */
  readonly problems?: readonly HttpCode[];
}

/** A method and a path. */
export type Call = `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`;

/** Calls of one section, by name. @param Body names of what is sent with them */
export type Operations<Body extends string = string> = Readonly<Record<string, OperationWith<Body>>>;

/** One body of each, that can be sent as it is. */
export type Examples<Bodies extends Readonly<Record<string, z.ZodType>>> = {
  readonly [Name in keyof Bodies]: z.input<Bodies[Name]>;
};

/** One answer of an operation that was done. */
export interface OperationAnswer {
  readonly status: 200 | 201 | 202 | 204;
  /** JSON of this shape, or a text of this media type; nothing without it. */
  readonly body?: keyof typeof answers | `${'text' | 'application'}/${string}`;
  readonly headers?: readonly (keyof typeof answerHeaders)[];
}

/** What the headers of requests mean. */
export const requestHeaders = {
  'Idempotency-Key': 'Of your choice: the same request with the same key is done once, and answered alike',
  'If-Match': 'The `ETag` of the version that is to be changed; without it, whichever there is',
  'Last-Event-ID':
    "What a browser's EventSource sends when it comes back, in any form that clients have for it; it wins over the query",
};

/** What the headers of answers mean. */
export const answerHeaders = {
  ETag: { description: 'The version, in quotes', required: true },
  'Idempotency-Replayed': { description: '`true`: this was answered before, and nothing was done now' },
  'Set-Cookie': {
    description: 'With a ticket: the same URL may come again with it, so that a stock EventSource reconnects',
  },
};
