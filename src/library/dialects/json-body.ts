import type { Message } from '../broker/message.js';

/** What JSON can say of a body: itself, or its text. */
export function jsonBodyOf(message: Message): unknown {
  return read(message).value;
}

/** The same, written as JSON: what is JSON stays as it is. */
export function jsonTextOf(message: Message): string {
  const { text, value } = read(message);
  return value === text ? JSON.stringify(text) : text;
}

function read({ headers, body }: Message): { readonly text: string; readonly value: unknown } {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
  if (!/^application\/(?:[^;]+\+)?json\b/i.test(headers.get('content-type') ?? ''))
    return { text, value: text };
  try {
    return { text, value: JSON.parse(text) };
  } catch {
    return { text, value: text };
  }
}

/** Of what isn't an object there are none. */
export function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
