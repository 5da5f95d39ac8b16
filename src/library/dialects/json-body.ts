import type { Message } from '../broker/message.js';

/** What JSON can say of a body: itself, or its text. */
export function jsonBodyOf({ headers, body }: Message): unknown {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
  if (!/^application\/(?:[^;]+\+)?json\b/i.test(headers.get('content-type') ?? '')) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Of what isn't an object there are none. */
export function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
