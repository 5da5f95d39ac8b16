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
  'null',
])('%s is an origin as browsers send it', (origin) => {
  expect(isOrigin(origin)).toBe(true);
});

test.each([
  'https://*.example.org',
  '*',
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
