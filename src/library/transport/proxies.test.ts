import { expect, test } from 'vitest';
import { originIn, Proxies, type Forwarded } from './proxies.js';

function request(remoteAddress: string, headers: Forwarded['headers'] = {}): Forwarded {
  return { remoteAddress, headers };
}

test.each<[string, string | undefined, string, string]>([
  ['10.0.0.1', '203.0.113.9', '203.0.113.9', 'a trusted proxy is believed'],
  ['198.51.100.7', '203.0.113.9', '198.51.100.7', 'a stranger is not'],
  ['::ffff:10.0.0.1', '203.0.113.9', '203.0.113.9', 'IPv4 on an IPv6 socket is the same address'],
  ['::ffff:a00:1', '::FFFF:cb00:7109', '203.0.113.9', 'IPv4 in IPv6, in any spelling'],
  ['fd00::1', '2001:DB8:0::5', '2001:db8::5', 'IPv6 has one spelling'],
  ['fd00::1', '2001:db8::5', '2001:db8::5', 'IPv6 proxies and clients'],
  ['10.0.0.1', '6.6.6.6, 203.0.113.9', '203.0.113.9', 'what stands left of the client is its own claim'],
  ['10.0.0.1', '203.0.113.9, 10.0.0.2', '203.0.113.9', 'several trusted proxies in a row'],
  ['10.0.0.1', 'not an address', '10.0.0.1', 'nonsense is not an address'],
  ['10.0.0.1', '203.0.113.9, nonsense, 10.0.0.2', '10.0.0.2', 'nor believed further left'],
  ['10.0.0.1', undefined, '10.0.0.1', 'a proxy that says nothing'],
])('from %s with X-Forwarded-For %j the client is %s: %s', (peer, forwardedFor, client) => {
  const proxies = new Proxies(['10.0.0.0/8', 'fd00::/8']);

  expect(proxies.addressOf(request(peer, { 'x-forwarded-for': forwardedFor }))).toBe(client);
});

test.each<[string, Forwarded['headers'], string | undefined]>([
  [
    'a port apart',
    { host: 'clinic.example', 'x-forwarded-proto': 'https', 'x-forwarded-port': '8443' },
    'https://clinic.example:8443',
  ],
  [
    'the usual port',
    { host: 'clinic.example', 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' },
    'https://clinic.example',
  ],
  ['a port in place of an inner one', { host: 'node1:8080', 'x-forwarded-port': '80' }, 'http://node1'],
  ['a port of nonsense', { host: 'clinic.example', 'x-forwarded-port': '80/x' }, 'http://clinic.example'],
  [
    'lists of two proxies, of which the first took TLS',
    { host: 'node1', 'x-forwarded-for': '203.0.113.9, 10.0.0.2', 'x-forwarded-proto': 'https, http' },
    'https://node1',
  ],
  [
    'a list that the first proxy wrote alone',
    { host: 'node1', 'x-forwarded-for': '203.0.113.9, 10.0.0.2', 'x-forwarded-proto': 'https' },
    'https://node1',
  ],
  [
    'a claim of the client before what the proxy says',
    { host: 'node1', 'x-forwarded-for': '203.0.113.9', 'x-forwarded-host': 'evil.example, clinic.example' },
    'http://clinic.example',
  ],
  [
    'the standard form, which is not this one',
    { host: 'node1', forwarded: 'proto=https;host=evil.example' },
    'http://node1',
  ],
])('X-Forwarded-*: %s', (_, headers, origin) => {
  expect(new Proxies(['10.0.0.0/8']).originOf(request('10.0.0.1', headers))).toBe(origin);
});

test.each<[string, string, string, string]>([
  ['for=203.0.113.9;proto=https;host=clinic.example', '203.0.113.9', 'https://clinic.example', 'one proxy'],
  [
    'For="[2001:db8::5]:4711";Proto=https;Host="clinic.example:8443"',
    '2001:db8::5',
    'https://clinic.example:8443',
    'IPv6, ports, quotes, any case',
  ],
  [
    'for=6.6.6.6;host=evil.example, for=203.0.113.9;proto=https;host=clinic.example',
    '203.0.113.9',
    'https://clinic.example',
    'a claim of the client',
  ],
  [
    'for=203.0.113.9;proto=https;host=clinic.example, for=10.0.0.2;proto=http',
    '203.0.113.9',
    'https://clinic.example',
    'two proxies',
  ],
  [
    'for=unknown;proto=https;host=clinic.example',
    '10.0.0.1',
    'https://clinic.example',
    'a client that is not named',
  ],
  ['for=_hidden, for=10.0.0.2', '10.0.0.2', 'http://node1', 'one behind two'],
  ['for="203.0.113.9', '10.0.0.1', 'http://node1', 'what can’t be read'],
  ['', '10.0.0.1', 'http://node1', 'nothing'],
])('Forwarded: %s is %s at %s: %s', (header, address, origin) => {
  const proxies = new Proxies(['10.0.0.0/8'], 'forwarded');
  const headers = {
    host: 'node1',
    forwarded: header,
    'x-forwarded-for': '6.6.6.6',
    'x-forwarded-host': 'evil.example',
  };

  expect(proxies.addressOf(request('10.0.0.1', headers))).toBe(address);
  expect(proxies.originOf(request('10.0.0.1', headers))).toBe(origin);
  expect(proxies.addressOf(request('198.51.100.7', headers))).toBe('198.51.100.7');
});

test.each(['203.0.113.9:4711', '[2001:db8::5]:4711', '[2001:db8::5]'])(
  'an address may have a port: %s',
  (written) => {
    const headers = { 'x-forwarded-for': written };

    expect(new Proxies(['10.0.0.1']).addressOf(request('10.0.0.1', headers))).toMatch(
      /^(203\.0\.113\.9|2001:db8::5)$/,
    );
  },
);

test('scheme and host come from a trusted proxy, and the last value counts', () => {
  const proxies = new Proxies(['10.0.0.1']);
  const headers = {
    host: 'node1:8080',
    'x-forwarded-proto': 'http, https',
    'x-forwarded-host': 'evil.example, clinic.example',
  };

  expect(proxies.originOf(request('10.0.0.1', headers))).toBe('https://clinic.example');
  expect(proxies.originOf(request('10.0.0.2', headers))).toBe('http://node1:8080');
});

test.each(['10.0.0.0/33', 'fd00::/129', 'proxy.example', '', '10.0.0.1/', '10.0.0.1/8/8', '10.0.0.1/-1'])(
  '%j is not a range of proxies',
  (range) => {
    expect(() => new Proxies([range])).toThrow(TypeError);
  },
);

test.each([
  ['http://Clinic.example:80/path', 'http://clinic.example'],
  ['https://clinic.example:8443', 'https://clinic.example:8443'],
  ['ftp://clinic.example', undefined],
  ['null', undefined],
  ['http://', undefined],
])('the origin in %j is %j', (url, origin) => expect(originIn(url)).toBe(origin));
