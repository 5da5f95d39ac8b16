// The built files lie in assets/; in development everything is at the top.
const toRoot = import.meta.env.DEV ? '/' : '..';

/** Where this Carillon is, `https://example.org/clinic/` for instance: pages, API and sockets are all below it. */
export const root = new URL(toRoot, import.meta.url);

/** For what this browser keeps: another Carillon under the same name, elsewhere below it, keeps its own. */
export function keyOf(name: string): string {
  return root.pathname === '/' ? name : `${name}@${root.pathname}`;
}
