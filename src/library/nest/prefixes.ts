import type { MessagingOptions } from './options.js';

/**
 * What stands before the destinations of methods, without the slash at the end.
 * @throws {TypeError} one that isn't a path, or stands where the broker's own addresses are
 */
export function prefixesOf({ applicationDestinationPrefixes = ['/app'] }: MessagingOptions): string[] {
  return applicationDestinationPrefixes.map((said) => {
    const prefix = said.replace(/\/$/, '');
    if (!/^(\/[^/*{}]+)+$/.test(prefix) || /^\/(topic|queue|user)(\/|$)/.test(prefix)) {
      throw new TypeError(`${JSON.stringify(said)} can't stand before methods; take a path such as /app`);
    }
    return prefix;
  });
}
