import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { isPublic, isPublicHost, lookupPublic, PrivateAddress } from './public-address.js';

describe('an address', () => {
  it.each([
    '1.1.1.1',
    '93.184.216.34',
    '172.15.255.255',
    '172.32.0.1',
    '2606:4700:4700::1111',
    '2a00:1450::5',
  ])('such as %s is public', (address) => {
    expect(isPublic(address)).toBe(true);
  });

  it.each([
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.255.255.254', '169.254.169.254'],
    ...['172.16.0.1', '172.31.255.255', '192.168.1.1', '198.18.0.1', '224.0.0.1', '255.255.255.255'],
    ...['::', '::1', 'fe80::1', 'fc00::1', 'fd12::1', 'ff02::1', '::ffff:10.0.0.1', '::ffff:8.8.8.8'],
    ...['64:ff9b::a00:1', '2002:a00:1::', '2001:0:a00:1::', '2001:db8::1'],
  ])('such as %s is not', (address) => {
    expect(isPublic(address)).toBe(false);
  });
});

describe('a host', () => {
  it.each(['fcm.googleapis.com', '8.8.8.8', '[2606:4700:4700::1111]'])('such as %s may be asked', (host) => {
    expect(isPublicHost(host)).toBe(true);
  });

  it.each(['localhost', 'a.localhost', 'LOCALHOST.', '10.0.0.1', '[::1]', '[::ffff:a00:1]'])(
    'such as %s may not',
    (host) => {
      expect(isPublicHost(host)).toBe(false);
    },
  );

  it.each([true, false])('whose name leads into our own network has no address (all: %s)', async (all) => {
    const found = promisify(lookupPublic)('localhost', { all });

    await expect(found).rejects.toBeInstanceOf(PrivateAddress);
  });
});
