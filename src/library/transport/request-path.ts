import type { IncomingMessage } from 'node:http';

/**
 * The path of a request, without the query and a trailing slash. Undefined for what two parsers could read differently,
 * a proxy and this server for example: what one has checked would not be what the other does.
 */
export function pathOf({ url = '' }: Pick<IncomingMessage, 'url'>): string | undefined {
  if (!isUnambiguous(url)) return undefined;
  const [path = ''] = url.split('?');
  return path.length > 1 ? path.replace(/\/$/, '') : path;
}

/**
 * Whether a request's target is a path that has no other spelling (RFC 9112, 3.2.1): no whole URL, no empty or dot
 * segments, none hidden in escapes, no backslash, no fragment, no second question mark, nothing that isn't ASCII.
 */
export function isUnambiguous(target: string): boolean {
  return TARGET.test(target) && !AMBIGUOUS.test(target);
}

/** A path and a query of visible characters. Those that browsers leave as they are may stand there. */
const TARGET = /^\/[^?#\\\0-\x20\x7f-\uffff]*(\?[^?#\\\0-\x20\x7f-\uffff]*)?$/;

/** In the path: `//`, `.` and `..` as segments, escapes of what separates segments or ends strings, escapes of nothing. */
const AMBIGUOUS = /^[^?]*(\/\/|\/(\.|%2e){1,2}([/?]|$)|%(2f|5c|[01][0-9a-f]|7f|(?![0-9a-f]{2})))/i;
