import type { Version } from '../../src/library/stomp/version.js';

/** Names and values, in order; a name may come again. */
export type HeaderLines = Readonly<Record<string, string>> | readonly (readonly [string, string])[];

/** A frame as a client of that version writes it: by hand, so that the encoder under test has no part in it. */
export function clientFrame(
  version: Version,
  command: string,
  headers: HeaderLines = {},
  body: Uint8Array | string = '',
): Buffer {
  const isEscaped = version !== '1.0' && command !== 'CONNECT' && command !== 'STOMP';
  const write = isEscaped ? (text: string) => escaped(text, version) : (text: string) => text;
  const pairs = Array.isArray(headers) ? headers : Object.entries(headers);
  const lines = pairs.map(([name, value]) => `${write(name)}:${write(value)}\n`);
  return Buffer.concat([
    Buffer.from(`${command}\n${lines.join('')}\n`),
    typeof body === 'string' ? Buffer.from(body) : body,
    Buffer.of(0),
  ]);
}

/** STOMP 1.2, Value Encoding; 1.1 has no escape for CR. */
function escaped(text: string, version: Version): string {
  const octets = { '\\': '\\\\', '\n': '\\n', ':': '\\c', ...(version === '1.2' && { '\r': '\\r' }) };
  return text.replaceAll(/[\\\n:\r]/g, (octet) => octets[octet as keyof typeof octets] ?? octet);
}
