import { request, type Agent } from 'node:http';

export interface Call {
  /** On 127.0.0.1. */
  readonly port: number;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  readonly path: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly agent?: Agent;
  /** Where it comes from, such as 127.0.0.2. */
  readonly localAddress?: string;
  /** Sent again with the same, a request isn't done again. */
  readonly idempotencyKey?: string;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Longer than any answer takes; what isn't answered by then counts as unanswered. */
const PATIENCE_MS = 10_000;

/** Sends a request once and never again by itself, unlike some clients. Rejects where no whole answer comes. */
export async function call(request: Call): Promise<Answer> {
  const { status, text } = await exchange(request);
  return { status, body: text === '' ? undefined : JSON.parse(text) };
}

function exchange({
  body,
  token,
  agent,
  idempotencyKey,
  ...target
}: Call): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({
      ...target,
      host: '127.0.0.1',
      headers: {
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...(idempotencyKey !== undefined && { 'Idempotency-Key': idempotencyKey }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      agent: agent ?? false,
      timeout: PATIENCE_MS,
    });
    asked.on('error', reject);
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => (text += piece));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
