import type { IncomingMessage } from 'node:http';

/** Without the query and a trailing slash. */
export function pathOf({ url = '' }: Pick<IncomingMessage, 'url'>): string {
  const [path = ''] = url.split('?');
  return path.length > 1 ? path.replace(/\/$/, '') : path;
}
