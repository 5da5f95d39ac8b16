/**
 * The key under which a client's address is counted. IPv6: its /64, since one customer gets that (RFC 6177), and may use each
 * address in it. An IPv4 address is the same client however it is written (RFC 4291, 2.5.5.2).
 */
export function networkOf(address: string): string {
  const bare = address.replace(/%.*$/, '');
  // By way of an URL, which has one spelling for each address: lower case, without leading zeros.
  if (!bare.includes(':') || !URL.canParse(`http://[${bare}]`)) return address;
  const groups = groupsOf(new URL(`http://[${bare}]`).hostname.slice(1, -1));
  return groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff'
    ? groups.slice(6).flatMap(bytesOf).join('.')
    : `${groups.slice(0, 4).join(':')}::/64`;
}

/** All eight, the zeros that `::` stands for too. */
function groupsOf(address: string): string[] {
  const [left = [], right = []] = address.split('::').map((half) => half.split(':').filter(Boolean));
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right];
}

function bytesOf(group: string): number[] {
  const value = Number.parseInt(group, 16);
  return [value >> 8, value & 255];
}
