import { describe, expect, it } from 'vitest';
import { Refusal } from '../../src/library/errors.js';
import { limits } from '../../src/library/limits.js';
import { Decoder, type FrameLimits } from '../../src/library/stomp/decoder.js';
import { encode } from '../../src/library/stomp/encoder.js';
import type { Frame } from '../../src/library/stomp/frame.js';

/** What Spring's own tests state, in their words; where Carillon differs on purpose, docs/from-spring.md says so. */
describe('StompDecoderTests', () => {
  it.each<[fact: string, wire: string, ...frames: Plain[]]>([
    ['`DISCONNECT\\r\\n\\r\\n\\0` → DISCONNECT, no headers, empty', 'DISCONNECT\r\n\r\n\0', ['DISCONNECT']],
    ['same with LF → same', 'DISCONNECT\n\n\0', ['DISCONNECT']],
    [
      'CONNECT + accept-version, host → 2 headers, empty body',
      'CONNECT\naccept-version:1.1\nhost:github.org\n\n\0',
      ['CONNECT', { 'accept-version': '1.1', host: 'github.org' }],
    ],
    [
      'SEND + body without length → body',
      'SEND\ndestination:test\n\nThe body of the message\0',
      ['SEND', { destination: 'test' }, 'The body of the message'],
    ],
    [
      'content-length 23 → exact body',
      'SEND\ncontent-length:23\n\nThe body of the message\0',
      ['SEND', { 'content-length': '23' }, 'The body of the message'],
    ],
    ['content-length 0 → empty body', 'SEND\ncontent-length:0\n\n\0', ['SEND', { 'content-length': '0' }]],
    [
      'body with NULs and length 23 → NULs kept',
      'SEND\ncontent-length:23\n\nThe b\0dy \0f the message\0',
      ['SEND', { 'content-length': '23' }, 'The b\0dy \0f the message'],
    ],
    [
      '`a\\c\\r\\n\\\\b:alpha\\cbravo\\r\\n\\\\` → key `a:\\r\\n\\b`, value `alpha:bravo\\r\\n\\`',
      'DISCONNECT\na\\c\\r\\n\\\\b:alpha\\cbravo\\r\\n\\\\\n\n\0',
      ['DISCONNECT', { 'a:\r\n\\b': 'alpha:bravo\r\n\\' }],
    ],
    [
      'CONNECT `key:\\value` → not unescaped, literal',
      'CONNECT\nkey:\\value\n\n\0',
      ['CONNECT', { key: '\\value' }],
    ],
    ['frame + `\\0\\n\\n\\n` → 1 message (no extra heartbeats)', 'SEND\n\nx\0\n\n\n', ['SEND', {}, 'x']],
    ['SEND+DISCONNECT in one buffer → 2', 'SEND\n\nx\0DISCONNECT\n\n\0', ['SEND', {}, 'x'], ['DISCONNECT']],
    ['`key:` → empty value', 'SEND\nkey:\n\n\0', ['SEND', { key: '' }]],
    ['`MESSAG` → nothing', 'MESSAG'],
    ['`SEND\\ndestination` → nothing', 'SEND\ndestination'],
    ['`SEND\\ndestination:` → nothing', 'SEND\ndestination:'],
    ['`SEND\\ndestination:test` → nothing', 'SEND\ndestination:test'],
    ['missing NUL after header → nothing', 'SEND\ndestination:test\n'],
    ['missing NUL after blank line → nothing', 'SEND\ndestination:test\n\n'],
    ['missing NUL after partial body → nothing', 'SEND\ndestination:test\n\nThe body'],
    ['content-length 23 with fewer bytes → nothing', 'SEND\ncontent-length:23\n\nThe body'],
    ['partial `content-type:text/plain;charset=U` → nothing', 'SEND\ncontent-type:text/plain;charset=U'],
    ['`\\n` → HEARTBEAT, no frame', '\n'],
  ])('%s', (_, wire, ...expected) => {
    expect(decode(wire)).toEqual(expected);
  });

  it.each([
    ['CONNECT with body → error', 'CONNECT\naccept-version:1.2\n\nThe body\0'],
    ['`*` instead of NUL after 23 bytes → error', 'SEND\ncontent-length:23\n\nThe body of the message*'],
  ])('%s', (_, wire) => {
    expect(() => decode(wire)).toThrow(Refusal);
  });
});

describe('BufferingStompDecoderTests', () => {
  it('frame in 2 chunks → [] then 1', () => {
    const decoder = decoderOf();

    expect(decodeWith(decoder, 'SEND\na:alpha\n\nMess')).toEqual([]);
    expect(decodeWith(decoder, 'age body\0')).toEqual([['SEND', { a: 'alpha' }, 'Message body']]);
    expect(decoder.bufferedBytes).toBe(0);
  });

  it('2 frames in 1 chunk → 2', () => {
    expect(decode('SEND\n\nx\0SEND\n\ny\0')).toHaveLength(2);
  });

  it.each([
    ['1 full + partial with content-length → 1, then frame', 'SEND\ncontent-length:5\n\nab', 'cde\0'],
    ['same without length → 1, then frame', 'SEND\na:b\n\nab', 'cde\0'],
  ])('%s', (_, begun, rest) => {
    const decoder = decoderOf();

    expect(decodeWith(decoder, `SEND\n\nx\0${begun}`)).toEqual([['SEND', {}, 'x']]);
    expect(decodeWith(decoder, rest)).toMatchObject([['SEND', {}, 'abcde']]);
  });

  it('partial with content-length over the limit → first frame returned, next decode throws', () => {
    const decoder = decoderOf({ bodyBytes: 128 });

    decoder.push(Buffer.from('SEND\n\nx\0SEND\ncontent-length:129\n\n'));

    expect(decoder.next()).toBeDefined();
    expect(() => decoder.next()).toThrow(expect.objectContaining({ code: 'frame_too_large' }));
  });

  it('`a:long\\` cut inside escape → [] (no error)', () => {
    const decoder = decoderOf();

    expect(decodeWith(decoder, 'SEND\na:long\\')).toEqual([]);
    expect(decodeWith(decoder, 'ntail\n\n\0')).toEqual([['SEND', { a: 'long\ntail' }]]);
  });

  it.each([
    ['`alpha\\x` complete → error', 'SEND\na:alpha\\x\n\n\0'],
    ['`alpha\\` at end of header → error', 'SEND\na:alpha\\\n\n\0'],
  ])('%s', (_, wire) => {
    expect(() => decode(wire)).toThrow(Refusal);
  });
});

describe('StompEncoderTests', () => {
  it.each<[fact: string, wire: string, ...frame: Plain]>([
    ['DISCONNECT → `DISCONNECT\\n\\n\\0`', 'DISCONNECT\n\n\0', 'DISCONNECT'],
    [
      '`a:\\r\\n\\b` / `alpha:bravo\\r\\n\\` → escaped both',
      'SEND\na\\c\\r\\n\\\\b:alpha\\cbravo\\r\\n\\\\\n\n\0',
      'SEND',
      { 'a:\r\n\\b': 'alpha:bravo\r\n\\' },
    ],
    [
      'SEND body → `content-length:12` appended',
      'SEND\na:b\ncontent-length:12\n\nMessage body\0',
      'SEND',
      { a: 'b' },
      'Message body',
    ],
    [
      'preset content-length → written once',
      'SEND\na:b\ncontent-length:12\n\nMessage body\0',
      'SEND',
      { a: 'b', 'content-length': '7' },
      'Message body',
    ],
  ])('%s', (_, wire, command, headers = {}, body = '') => {
    const frame = { command, headers: Object.entries(headers), body: Buffer.from(body) };

    expect(encode(frame, '1.2').toString()).toBe(wire);
  });
});

type Plain = [command: string, headers?: Readonly<Record<string, string>>, body?: string];

function decoderOf(ours: Partial<FrameLimits> = {}): Decoder {
  const decoder = new Decoder({ ...limits, ...ours });
  decoder.version = '1.2';
  return decoder;
}

function decode(wire: string): Plain[] {
  return decodeWith(decoderOf(), wire);
}

function decodeWith(decoder: Decoder, wire: string): Plain[] {
  decoder.push(Buffer.from(wire));
  const frames: Plain[] = [];
  for (let frame = decoder.next(); frame; frame = decoder.next()) frames.push(plain(frame));
  return frames;
}

/** Without what is empty. */
function plain({ command, headers, body }: Frame): Plain {
  const text = Buffer.from(body).toString();
  if (text !== '') return [command, Object.fromEntries(headers), text];
  return headers.size > 0 ? [command, Object.fromEntries(headers)] : [command];
}
