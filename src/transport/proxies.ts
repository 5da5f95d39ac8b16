import { BlockList, isIP, isIPv6 } from 'node:net';

/** What is looked at of a request; SockJS's connections have it too. */
export interface Forwarded {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly remoteAddress: string | undefined;
  readonly isEncrypted?: boolean;
}

/** The proxies in front of this node, whose `X-Forwarded-*` are believed; everybody else's are ignored. */
export class Proxies {
  readonly #trusted = new BlockList();

  /**
   * @param ranges CIDRs or single addresses, IPv4 or IPv6
   * @throws {TypeError} if one isn't
   */
  constructor(ranges: readonly string[]) {
    for (const range of ranges) this.#trust(range);
  }

  /** The client's address: the last one in `X-Forwarded-For` that isn't a trusted proxy's own. */
  addressOf(request: Forwarded): string {
    const hops = [...valuesOf(request, 'x-forwarded-for'), request.remoteAddress ?? ''].map(plain);
    // Whoever it is, nobody else is named; BlockList takes 5 µs and more for an answer.
    if (hops.length === 1) return hops[0] ?? '';
    // From our side on: what stands left of an untrusted hop is that hop's claim, and anybody can claim.
    const client = hops.findLastIndex((hop) => !this.#isTrusted(hop));
    // A proxy that forwards no address leaves us with its own.
    return (isIP(hops[client] ?? '') ? hops[client] : hops[client + 1]) ?? '';
  }

  /** Whether this is one of them, so that its sockets are its clients'. */
  isProxy(address: string): boolean {
    return this.#isTrusted(plain(address));
  }

  /** The origin that the client addressed, such as `https://clinic.example`; undefined without a usable Host. */
  originOf(request: Forwarded): string | undefined {
    const isTrusted = this.#isTrusted(plain(request.remoteAddress ?? ''));
    const forwarded = (name: string): string | undefined =>
      // The last value is the one of the proxy that we trust; those before it came with the request.
      isTrusted ? valuesOf(request, name).at(-1) : undefined;

    const scheme = forwarded('x-forwarded-proto') ?? (request.isEncrypted ? 'https' : 'http');
    const host = forwarded('x-forwarded-host') ?? valuesOf(request, 'host').at(0);
    return host === undefined ? undefined : originIn(`${scheme}://${host}`);
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

function valuesOf({ headers }: Forwarded, name: string): string[] {
  const value = headers[name];
  const text = typeof value === 'string' ? value : (value ?? []).join(',');
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** A socket that listens on both families shows IPv4 peers as `::ffff:192.0.2.1`; one client has one name. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
