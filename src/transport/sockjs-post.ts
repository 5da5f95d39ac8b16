import { parsed } from './sockjs-envelope.js';

/** A form has one field, `d` (SockJS protocol, jsonp_send). */
const FORM = /^application\/x-www-form-urlencoded *(;|$)/i;

/** The messages of a post, which should be strings; undefined where it isn't a JSON array. */
export function messagesIn(body: Buffer, contentType = ''): readonly unknown[] | undefined {
  const text = body.toString();
  const value = parsed(FORM.test(contentType) ? (new URLSearchParams(text).get('d') ?? '') : text);
  return Array.isArray(value) ? value : undefined;
}
