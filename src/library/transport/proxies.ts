import { BlockList, isIP, isIPv6 } from 'node:net';
import parseForwarded from 'forwarded-parse';
import { plainAddress } from '../network.js';

/** What is looked at of a request; SockJS's connections have it too. */
export interface Forwarded {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly remoteAddress: string | undefined;
  readonly isEncrypted?: boolean;
}

/** How proxies tell of their clients: `X-Forwarded-For`, `-Proto`, `-Host`, `-Port`, or `Forwarded` (RFC 7239). */
export type ProxyHeaders = 'x-forwarded' | 'forwarded';

/** What a proxy says of the connection that it took a request from. */
interface Hop {
  readonly address: string;
  readonly scheme?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: string | undefined;
}

/** The proxies in front of this node, whose headers are believed; everybody else's are ignored. */
export class Proxies {
  readonly #trusted = new BlockList();
  readonly #hopsIn: (request: Forwarded) => readonly Hop[];

  /**
   * @param ranges CIDRs or single addresses, IPv4 or IPv6
   * @param headers the one form that these proxies write: the other may be passed on as its client sent it
   * @throws {TypeError} if a range isn't one
   */
  constructor(ranges: readonly string[], headers: ProxyHeaders = 'x-forwarded') {
    for (const range of ranges) this.#trust(range);
    this.#hopsIn = headers === 'forwarded' ? standardHops : commonHops;
  }

  /** The client's address: the last one that was forwarded and isn't a trusted proxy's own. */
  addressOf(request: Forwarded): string {
    return this.#clientOf(request).address;
  }

  /** Whether this is one of them, so that its sockets are its clients'. */
  isProxy(address: string): boolean {
    return this.#isTrusted(plain(address));
  }

  /** The origin that the client addressed, such as `https://clinic.example`; undefined without a usable Host. */
  originOf(request: Forwarded): string | undefined {
    const client = this.#clientOf(request);
    const scheme = client.scheme ?? (request.isEncrypted ? 'https' : 'http');
    const host = client.host ?? valuesOf(request, 'host').at(0);
    if (host === undefined) return undefined;
    // A port that is named apart is the one that the client asked for; Host then often lacks it.
    return originIn(`${scheme}://${client.port === undefined ? host : withPort(host, client.port)}`);
  }

  /** What is known of the client's own connection. */
  #clientOf(request: Forwarded): Hop {
    const peer = { address: plain(request.remoteAddress ?? '') };
    // BlockList takes 5 µs and more for an answer: it is asked only where something was forwarded.
    const forwarded = this.#hopsIn(request);
    if (forwarded.length === 0 || !this.#isTrusted(peer.address)) return peer;
    // From our side on: what stands left of an untrusted hop is that hop's claim, and anybody can claim.
    const client = Math.max(
      0,
      forwarded.findLastIndex(({ address }) => !this.#isTrusted(address)),
    );
    const hop = forwarded[client] ?? peer;
    // Nonsense, or no address at all, leaves us with the proxy that said it.
    return isIP(hop.address) ? hop : { ...hop, address: forwarded[client + 1]?.address ?? peer.address };
  }

  #trust(range: string): void {
    const [, address = '', bits] = /^([^/]+)(?:\/(\d+))?$/.exec(range) ?? [];
    const longest = isIPv6(address) ? 128 : 32;
    const prefix = Number(bits ?? longest);
    if (!isIP(address) || prefix > longest) {
      throw new TypeError(`${JSON.stringify(range)} is not an address or a CIDR range.`);
    }
    this.#trusted.addSubnet(address, prefix, familyOf(address));
  }

  #isTrusted(address: string): boolean {
    return isIP(address) !== 0 && this.#trusted.check(address, familyOf(address));
  }
}

/** `http://HOST:80/x` → `http://host`; undefined for what isn't an http(s) URL. */
export function originIn(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { origin, protocol } = new URL(url);
  return protocol === 'http:' || protocol === 'https:' ? origin : undefined;
}

/**
 * The lists of X-Forwarded-*: each proxy appends what it saw, so their last entries belong together. A list that is
 * shorter than that of the addresses was written by the first proxies only.
 */
function commonHops(request: Forwarded): Hop[] {
  const [addresses, schemes, hosts, ports] = ['for', 'proto', 'host', 'port'].map((name) =>
    valuesOf(request, `x-forwarded-${name}`),
  ) as [string[], string[], string[], string[]];
  const length = Math.max(addresses.length, Math.min(1, schemes.length + hosts.length + ports.length));
  const entryOf = (list: readonly string[], i: number): string | undefined =>
    list[Math.max(0, list.length - (length - i))];
  return Array.from({ length }, (_, i) => ({
    address: plain(addresses[i] ?? ''),
    scheme: entryOf(schemes, i),
    host: entryOf(hosts, i),
    port: entryOf(ports, i),
  }));
}

/** RFC 7239, 4: an element for each proxy. */
function standardHops(request: Forwarded): Hop[] {
  try {
    return parseForwarded(valuesOf(request, 'forwarded').join(', ')).map(
      ({ for: address = '', proto, host }) => ({
        address: plain(address),
        scheme: proto,
        host,
      }),
    );
  } catch {
    // What can't be read says nothing: the client is who the socket says.
    return [];
  }
}

function withPort(host: string, port: string): string {
  return `${host.replace(/:\d*$/, '')}:${port}`;
}

/** Of a header that came once or more often, the entries of its lists. */
function valuesOf({ headers }: Forwarded, name: string): string[] {
  const value = headers[name];
  if (value === undefined) return [];
  const text = typeof value === 'string' ? value : value.join(',');
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Proxies write `192.0.2.1:4711` and `"[2001:db8::1]:4711"` where they know the port. */
function plain(address: string): string {
  const [, bare = address] = /^\[(.*)\](?::\d+)?$/.exec(address) ?? /^([\d.]+):\d+$/.exec(address) ?? [];
  return isIP(bare) ? plainAddress(bare) : bare;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
