/**
 * An origin as browsers send it, of a text that names one: scheme, host and port in lower case, without the scheme's own
 * port. Of any scheme, such as `capacitor://localhost` and `file://`; `null` for pages that have none.
 * @returns undefined for what no page can have: a path, a pattern, a host that is none
 * @see RFC 6454, 6.2; https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin
 */
export function serializedOrigin(text: string): string | undefined {
  if (text === 'null') return text;
  if (!/^(https?|ftp):/i.test(text)) return OTHER.test(text) ? text : undefined;
  if (!/^\w+:\/\/[^/?#@\\]+\/?$/.test(text) || !URL.canParse(text)) return undefined;
  const { origin, hostname } = new URL(text);
  return HOST.test(hostname) ? origin : undefined;
}

/** Whose host is data to browsers, in whatever case it came; Cordova's pages have none. No page comes from a WebSocket. */
const OTHER = /^(?!wss?:)[a-z][a-z\d+.-]*:\/\/([\w.-]+|\[[\da-f:.]+\])?(:\d{1,5})?$/;

/** What DNS can name, or an address: `URL` takes more, such as `.+` or a leading dot, which are meant as patterns. */
const HOST = /^(\[[\da-f:.]+\]|[a-z\d_]([\w-]*[a-z\d_])?(\.[a-z\d_]([\w-]*[a-z\d_])?)*\.?)$/;
