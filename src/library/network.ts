import ipaddr from 'ipaddr.js';

/**
 * One client has one name: a socket that listens on both families shows IPv4 peers as `::ffff:192.0.2.1`, and proxies write IPv6
 * as they like. What is no address stays as it is.
 */
export function plainAddress(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.process(address).toString() : address;
}

/**
 * The key under which a client's address is counted. IPv6: its /64, since one customer gets that (RFC 6177), and may use each
 * address in it. An IPv4 address is the same client however it is written (RFC 4291, 2.5.5.2). What is no address is its own key.
 */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
