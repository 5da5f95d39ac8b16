import { describe, expect, it } from 'vitest';
import { pathOf } from './request-path.js';

describe('the path of a request', () => {
  it.each([
    ['/', '/'],
    ['/ws', '/ws'],
    ['/ws/', '/ws'],
    ['/ws?a=b', '/ws'],
    ['/ws/?a=/../b//c', '/ws'],
    ['/stomp/a.b/..c/c..', '/stomp/a.b/..c/c..'],
    ['/a%20b/c:d@e;f,g!$&\'()*+=~{}|^`"<>', '/a%20b/c:d@e;f,g!$&\'()*+=~{}|^`"<>'],
  ])('of %s is %s', (url, path) => {
    expect(pathOf({ url })).toBe(path);
  });

  it.each([
    '',
    '*',
    'ws',
    'http://host/ws',
    '//ws',
    '/ws//info',
    '/./ws',
    '/ws/.',
    '/ws/../stomp',
    '/ws/..',
    '/ws/..?x',
    '/ws/%2e%2E/stomp',
    '/ws/.%2e',
    '/ws%2finfo',
    '/ws%5Cinfo',
    '/ws\\info',
    '/ws%00',
    '/ws\0',
    '/ws%0a',
    '/ws#info',
    '/ws?a#b',
    '/ws?a?b',
    '/ws info',
    '/wß',
    '/ws?ß',
    '/ws%',
    '/ws%2',
    '/ws%zz',
  ])('of %j is none, for parsers may differ', (url) => {
    expect(pathOf({ url })).toBeUndefined();
  });
});
