import { isUtf8 } from 'node:buffer';
import type { Envelope } from './envelope.js';
import { TextJoiner } from './text-joiner.js';

/** SockJS's framing: `o`, then `a["…"]`, `h`, and `c[code,"reason"]`; towards us, a JSON string or an array of them. */
export function sockJsEnvelope(heartbeatMs: number): Envelope {
  return {
    transport: 'sockjs-websocket',
    isTextOnly: true,
    opening: 'o',
    silenceMs: heartbeatMs,
    heartbeat: 'h',
    wrap: (frames) => [{ payload: Buffer.from(`a[${frames.map(quote).join(',')}]`), isBinary: false }],
    unwrapper: () => {
      const joiner = new TextJoiner();
      // One piece: a million empty strings are one message, and not a million.
      return (message) => {
        const strings = isUtf8(message) ? stringsIn(message.toString()) : undefined;
        return strings && [joiner.take(strings.join(''))];
      };
    },
    farewell: (code, reason) => `c${JSON.stringify([code, reason])}`,
  };
}

/** The strings of a SockJS message; undefined if it is anything else. */
function stringsIn(message: string): readonly string[] | undefined {
  // SockJS protocol: an empty message is ignored.
  if (message === '') return [];
  const value = parsed(message);
  const strings: unknown[] = Array.isArray(value) ? value : [value];
  return strings.every((text) => typeof text === 'string') ? strings : undefined;
}

/** The value of a JSON text; undefined if it isn't one, which is none of what SockJS sends either. */
export function parsed(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    // What is wrong with it helps nobody: the caller refuses it.
    return undefined;
  }
}

/** As sockjs-node escapes, beside what JSON does: old browsers' parsers and transports lose these characters. */
const FRAGILE = /[\ud800-\udfff\u200c-\u200f\u2028-\u202f\u2060-\u206f\ufff0-\uffff]/g;

function quote(frame: Uint8Array): string {
  const text = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString();
  return JSON.stringify(text).replace(
    FRAGILE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
