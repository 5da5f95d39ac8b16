import { expect, test } from 'vitest';
import { isOrigin } from './setting-types.js';

test.each([
  'https://example.org',
  'http://localhost:5173',
  'https://[2001:db8::1]:8443',
  'https://xn--mnchen-3ya.example',
  'capacitor://localhost',
  'chrome-extension://abcdefghijklmnop',
  'moz-extension://0f2c1d3e',
  'tauri://localhost',
  'app://-',
  'electron://main:5',
  'safari-web-extension://E5A5B1F4-0A2B',
  'file://',
  'ionic://',
  'ftp://example.org',
  'http://192.0.2.1:8080',
  'https://a_b.example.',
  'null',
])('%s is an origin as browsers send it', (origin) => {
  expect(isOrigin(origin)).toBe(true);
});

test.each([
  'https://*.example.org',
  '*',
  'https://.example.org',
  'https://.+.example.org',
  'https://(www.)?example.org',
  'https://example.{org',
  'https://example.org:*',
  'https://-.example.org',
  'capacitor://.+',
  'chrome-extension://*',
  'wss://example.org',
  'https://example.org/',
  'https://example.org:443',
  'https://Example.org',
  'https://münchen.example',
  'https://user@example.org',
  'example.org',
  'capacitor://localhost/path',
  'file:///',
  'https:example.org',
  '',
])('%j is none: it would match nothing', (origin) => {
  expect(isOrigin(origin)).toBe(false);
});
