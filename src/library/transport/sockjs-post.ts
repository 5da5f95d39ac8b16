import { isUtf8 } from 'node:buffer';
import { parsed } from './sockjs-envelope.js';

/** A form has one field, `d` (SockJS protocol, jsonp_send). */
const FORM = /^application\/x-www-form-urlencoded *(;|$)/i;

/** The messages of a post, which should be strings; undefined where it isn't a JSON array. */
export function messagesIn(body: Buffer, contentType = ''): readonly unknown[] | undefined {
  // What isn't text would come as other text than was meant.
  if (!isUtf8(body)) return undefined;
  const text = body.toString();
  const value = parsed(FORM.test(contentType) ? (new URLSearchParams(text).get('d') ?? '') : text);
  return Array.isArray(value) ? value : undefined;
}
