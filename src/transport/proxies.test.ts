import { expect, test } from 'vitest';
import { originIn, Proxies, type Forwarded } from './proxies.js';

function request(remoteAddress: string, headers: Forwarded['headers'] = {}): Forwarded {
  return { remoteAddress, headers };
}

test.each<[string, string | undefined, string, string]>([
  ['10.0.0.1', '203.0.113.9', '203.0.113.9', 'a trusted proxy is believed'],
  ['198.51.100.7', '203.0.113.9', '198.51.100.7', 'a stranger is not'],
  ['::ffff:10.0.0.1', '203.0.113.9', '203.0.113.9', 'IPv4 on an IPv6 socket is the same address'],
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
