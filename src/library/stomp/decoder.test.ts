import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { Refusal, type ClosingCode } from '../errors.js';
import { limits } from '../limits.js';
import { Decoder } from './decoder.js';
import { versions, type Version } from './version.js';

type Expected = [command: string, headers: Record<string, string>, body?: string];

describe('before CONNECTED', () => {
  const first = (wire: string): unknown => {
    const decoder = new Decoder(limits);
    decoder.push(Buffer.from(wire));
    const frame = decoder.next();
    return frame && [frame.command, Object.fromEntries(frame.headers), Buffer.from(frame.body).toString()];
  };

  it.each(['CONNECT', 'STOMP'])(
    '%s without accept-version is one of 1.0: it may have a body, and spaces',
    (command) => {
      expect(first(`${command}\nlogin: ada \n\nbody\0`)).toEqual([command, { login: 'ada' }, 'body']);
    },
  );

  it.each([
    ['CONNECT with accept-version', 'CONNECT\naccept-version:1.2\n\nbody\0'],
    ['a frame that isn’t CONNECT', 'SUBSCRIBE\nid:1\n\nbody\0'],
  ])('%s has no body', (_, wire) => {
    expect(() => first(wire)).toThrow('must not have a body');
  });

  it('spaces around a value of CONNECT with accept-version stay', () => {
    expect(first('CONNECT\naccept-version:1.2\nlogin: ada \n\n\0')).toEqual([
      'CONNECT',
      { 'accept-version': '1.2', login: ' ada ' },
      '',
    ]);
  });
});

describe('STOMP 1.2, Augmented BNF: a frame', () => {
  it.each<[string, string, Expected[]]>([
    ['has a command alone', 'DISCONNECT\n\n\0', [['DISCONNECT', {}]]],
    ['has headers', 'SUBSCRIBE\nid:0\ndestination:/a\n\n\0', [['SUBSCRIBE', { id: '0', destination: '/a' }]]],
    ['ends at the first NUL', 'SEND\n\nbody\0', [['SEND', {}, 'body']]],
    ['may end its lines in CR LF', 'SEND\r\na:b\r\n\r\nbody\r\n\0', [['SEND', { a: 'b' }, 'body\r\n']]],
    ['may mix both line ends', 'SEND\r\na:b\nc:d\r\n\n\0', [['SEND', { a: 'b', c: 'd' }]]],
    ['may be followed by line ends', 'BEGIN\n\n\0\n\r\n\n\n', [['BEGIN', {}]]],
    ['may follow line ends', '\n\r\n\nABORT\n\n\0', [['ABORT', {}]]],
    [
      'may follow another',
      'SEND\n\na\0\nSEND\n\nb\0ACK\n\n\0',
      [
        ['SEND', {}, 'a'],
        ['SEND', {}, 'b'],
        ['ACK', {}],
      ],
    ],
    ['may have an empty value', 'SEND\nkey:\n\n\0', [['SEND', { key: '' }]]],
    ['divides a header at the first colon', 'SEND\na:b:c\n\n\0', [['SEND', { a: 'b:c' }]]],
    ['has names that differ by case', 'SEND\na:1\nA:2\n\n\0', [['SEND', { a: '1', A: '2' }]]],
    ['has names that objects know', 'SEND\n__proto__:1\n\n\0', [['SEND', { ['__proto__']: '1' }]]],
    ['may have a NUL in a header', 'SEND\na:b\0c\n\nd\0', [['SEND', { a: 'b\0c' }, 'd']]],
    ['has UTF-8 headers', 'SEND\nü:\u{1F514}\uFFFD\uFEFF\n\n\0', [['SEND', { ü: '\u{1F514}\uFFFD\uFEFF' }]]],
    ['may come from a server', 'RECEIPT\nreceipt-id:1\n\n\0', [['RECEIPT', { 'receipt-id': '1' }]]],
    ['is none while it is a line end', '\n', []],
  ])('%s', (_, wire, expected) => {
    expect(decode('1.2', wire)).toEqual(frames(expected));
  });

  it.each([
    'MESSAG',
    'SEND\ndest',
    'SEND\na:',
    'SEND\na:b',
    'SEND\na:b\n',
    'SEND\na:b\n\nbo',
    'SEND\r',
    'SEND\n\n',
    '\r',
  ])('is not there yet at %j', (wire) => {
    expect(decode('1.2', wire)).toEqual([]);
  });

  it('is complete at its NUL, not later', () => {
    const decoder = decoderOf('1.2');

    decoder.push(Buffer.from('SEND\n\nbody'));
    expect(decoder.next()).toBeUndefined();
    decoder.push(Buffer.from('\0'));

    expect(decoder.next()).toMatchObject({ command: 'SEND', body: Buffer.from('body') });
    expect(decoder.bufferedBytes).toBe(0);
  });
});

describe('STOMP 1.2, Header content-length: a counted body', () => {
  it.each<[string, string, Expected[]]>([
    ['has as many bytes', 'SEND\ncontent-length:4\n\nbody\0', [['SEND', { 'content-length': '4' }, 'body']]],
    ['may have NULs', 'SEND\ncontent-length:3\n\n\0a\0\0', [['SEND', { 'content-length': '3' }, '\0a\0']]],
    ['may be empty', 'SEND\ncontent-length:0\n\n\0', [['SEND', { 'content-length': '0' }]]],
    ['is counted in octets', 'SEND\ncontent-length:2\n\nü\0', [['SEND', { 'content-length': '2' }, 'ü']]],
    [
      'is counted by the first entry',
      'SEND\ncontent-length:1\ncontent-length:9\n\na\0',
      [['SEND', { 'content-length': '1' }, 'a']],
    ],
    [
      'may look like a frame',
      'SEND\ncontent-length:8\n\nACK\n\n\0\n\n\0',
      [['SEND', { 'content-length': '8' }, 'ACK\n\n\0\n\n']],
    ],
  ])('%s', (_, wire, expected) => {
    expect(decode('1.2', wire)).toEqual(frames(expected));
  });

  it.each([' 1', '1 ', '\t1\t', '01'])('takes the count %j for 1', (count) => {
    expect(decode('1.2', `SEND\ncontent-length:${count}\n\n\0\0`)).toEqual(
      frames([['SEND', { 'content-length': count }, '\0']]),
    );
  });

  it.each(['-1', '+1', '- 1', '1.0', '1e0', '0x1', 'abc', '', ' ', '1 1', '1,1', '\u00a01', '١'])(
    'has no count of %j',
    (count) => {
      expect(() => decode('1.2', `SEND\ncontent-length:${count}\n\n\0`)).toThrow(error('malformed_frame'));
      expect(() => decode('1.2', `SEND\ncontent-length:${count}\n\na\0`)).toThrow(error('malformed_frame'));
    },
  );

  it('must be followed by NUL', () => {
    expect(() => decode('1.2', 'SEND\ncontent-length:4\n\nbody*')).toThrow(error('malformed_frame'));
    expect(() => decode('1.2', 'SEND\ncontent-length:3\n\nbody\0')).toThrow(error('malformed_frame'));
  });
});

describe('STOMP 1.2, Body', () => {
  it.each(['SEND', 'MESSAGE', 'ERROR'])('%s may have one', (command) => {
    expect(decode('1.1', `${command}\n\nbody\0`)).toEqual(frames([[command, {}, 'body']]));
  });

  it.each([
    'STOMP',
    'SUBSCRIBE',
    'UNSUBSCRIBE',
    'ACK',
    'NACK',
    'BEGIN',
    'COMMIT',
    'ABORT',
    'DISCONNECT',
    'CONNECTED',
    'RECEIPT',
  ])('%s must not: neither counted nor not', (command) => {
    expect(() => decode('1.2', `${command}\n\nbody\0`)).toThrow(error('malformed_frame'));
    expect(() => decode('1.1', `${command}\ncontent-length:4\n\n`)).toThrow(error('malformed_frame'));
    expect(decode('1.2', `${command}\ncontent-length:0\n\n\0`)).toHaveLength(1);
  });

  it('no frame of 1.1 or 1.2 has one in its CONNECT', () => {
    expect(() => decode(undefined, 'CONNECT\naccept-version:1.2\n\nbody\0')).toThrow(
      error('malformed_frame'),
    );
  });

  it('every frame of 1.0 may have one', () => {
    expect(decode('1.0', 'SUBSCRIBE\ndestination:/a\n\nignored\0')).toEqual(
      frames([['SUBSCRIBE', { destination: '/a' }, 'ignored']]),
    );
    expect(decode(undefined, 'CONNECT\nlogin:a\n\nignored\0')).toEqual(
      frames([['CONNECT', { login: 'a' }, 'ignored']]),
    );
  });
});

describe('STOMP 1.2, Repeated Header Entries', () => {
  it.each(versions)('the first one wins, in %s', (version) => {
    expect(decode(version, 'MESSAGE\nfoo:World\nfoo:Hello\n\n\0')).toEqual(
      frames([['MESSAGE', { foo: 'World' }]]),
    );
  });

  it('names are the same that are written in two ways', () => {
    expect(decode('1.2', 'SEND\na\\\\b:1\na\\\\b:2\n\n\0')).toEqual(frames([['SEND', { 'a\\b': '1' }]]));
  });
});

describe('Value Encoding', () => {
  const wire = 'SEND\na\\c\\n\\\\b:alpha\\cbravo\\n\\\\\n\n\0';

  it.each<Version>(['1.1', '1.2'])('names and values are unescaped in %s', (version) => {
    expect(decode(version, wire)).toEqual(frames([['SEND', { 'a:\n\\b': 'alpha:bravo\n\\' }]]));
  });

  it('there are no escapes in 1.0', () => {
    expect(decode('1.0', wire)).toEqual(frames([['SEND', { 'a\\c\\n\\\\b': 'alpha\\cbravo\\n\\\\' }]]));
  });

  it.each<[Version, string]>([
    ['1.1', 'a:\\t'],
    ['1.1', 'a:\\r'],
    ['1.1', 'a:b\\'],
    ['1.2', 'a:\\t'],
    ['1.2', 'a\\x:b'],
    ['1.2', 'a:b\\'],
  ])('in %s the header line %j is a fatal error that shows no value', (version, line) => {
    expect(() => decode(version, `SEND\n${line}secret\n\n\0`)).toThrow(error('malformed_frame'));
    expect(() => decode(version, `SEND\n${line}secret\n\n\0`)).not.toThrow(/secret/);
  });

  it.each([undefined, ...versions])('CONNECT, STOMP and CONNECTED have none, with version %s', (version) => {
    for (const command of ['CONNECT', 'STOMP', 'CONNECTED']) {
      expect(decode(version, `${command}\naccept-version:1.2\nkey:\\value\\n\n\n\0`)).toEqual(
        frames([[command, { 'accept-version': '1.2', key: '\\value\\n' }]]),
      );
    }
  });
});

describe('CR', () => {
  it.each<Version>(['1.0', '1.1'])('is data in %s', (version) => {
    expect(decode(version, 'SEND\na:b\r\n\r:c\n\nd\0')).toEqual(
      frames([['SEND', { a: 'b\r', '\r': 'c' }, 'd']]),
    );
  });

  it.each<Version>(['1.0', '1.1'])('ends no line in %s', (version) => {
    expect(() => decode(version, 'SEND\r\n\r\n\0')).toThrow(error('malformed_frame'));
    expect(() => decode(version, 'SEND\na:b\n\r\n\0')).toThrow(error('malformed_frame'));
    expect(() => decode(version, 'SEND\n\n\0\r\n')).toThrow(error('malformed_frame'));
  });

  it.each([
    'SEND\ra\n\n\0',
    'SEND\na:b\rc\n\n\0',
    'SEND\na\r:b\n\n\0',
    'SEND\na:b\r\r\n\n\0',
    '\rSEND\n\n\0',
  ])('stands in 1.2 before LF and nowhere else: %j', (wire) => {
    expect(() => decode('1.2', wire)).toThrow(error('malformed_frame'));
  });

  it('may end the lines of a CONNECT, whose version is not known yet', () => {
    expect(decode(undefined, '\r\nCONNECT\r\naccept-version:1.1\r\n\r\n\0\r\n')).toEqual(
      frames([['CONNECT', { 'accept-version': '1.1' }]]),
    );
  });
});

describe('blanks around a value', () => {
  const wire = 'SEND\nkey: \t value in blanks\t \nblank: \n\n\0';

  it('are no part of it in 1.0, whose examples are written with them', () => {
    expect(decode('1.0', wire)).toEqual(frames([['SEND', { key: 'value in blanks', blank: '' }]]));
  });

  it.each<Version>(['1.1', '1.2'])('are a part of it in %s', (version) => {
    expect(decode(version, wire)).toEqual(frames([['SEND', { key: ' \t value in blanks\t ', blank: ' ' }]]));
  });

  // STOMP 1.2, Protocol Negotiation: who doesn't send accept-version speaks 1.0.
  it.each(['CONNECT', 'STOMP'])('are no part of it in the %s of a client that knows 1.0 only', (command) => {
    expect(decode(undefined, `${command}\nlogin: ada\npasscode:x \n\n\0`)).toEqual(
      frames([[command, { login: 'ada', passcode: 'x' }]]),
    );
    expect(decode(undefined, `${command}\naccept-version:1.0,1.2\npasscode:x \n\n\0`)).toEqual(
      frames([[command, { 'accept-version': '1.0,1.2', passcode: 'x ' }]]),
    );
  });
});

describe('what is no frame is refused', () => {
  it.each<[string, ClosingCode, string | Buffer]>([
    ['a header without a colon', 'malformed_frame', 'SEND\ndestination\n\n\0'],
    ['a header without a name', 'malformed_frame', 'SEND\n:value\n\n\0'],
    ['a frame without a command', 'malformed_frame', '\0'],
    ['a command without a line end', 'malformed_frame', 'SEND\0'],
    ['a header that is not UTF-8', 'malformed_frame', Buffer.from('SEND\na:\xff\n\n\0', 'latin1')],
    ['a surrogate in UTF-8', 'malformed_frame', Buffer.from('SEND\na:\xed\xa0\x80\n\n\0', 'latin1')],
    ['a command that is not UTF-8', 'malformed_frame', Buffer.from('S\xffND\n\n\0', 'latin1')],
    ['a BOM before the command', 'malformed_frame', '\uFEFFSEND\n\n\0'],
    ['a word that is no command', 'unknown_command', 'FOO\n\n\0'],
    ['a command with more letters', 'unknown_command', 'SENDS\na:b\n\nbody'],
    ['a command in small letters', 'unknown_command', 'send\n\n\0'],
    ['a command with a blank', 'unknown_command', 'SEND \n\n\0'],
    ['a command that is too long', 'unknown_command', 'UNSUBSCRIBED'],
    ['a request of HTTP', 'unknown_command', 'GET /stomp HTTP/1.1\r\n'],
    ['a handshake of TLS', 'malformed_frame', Buffer.from('160301020001', 'hex')],
  ])('%s: %s', (_, code, wire) => {
    expect(() => decode('1.2', wire)).toThrow(error(code));
  });

  it.each<[string, string, string]>([
    ['a command that is too long', 'UNSUBSCRIBED', '"UNSUBSCRIBE…" is not a command of STOMP.'],
    ['a byte that no command has', 'GET /stomp', '"GET …" is not a command of STOMP.'],
    ['a word of capitals', 'ZED\n\n\0', '"ZED" is not a command of STOMP.'],
    [
      'a byte that nobody can read',
      'A\x7f',
      'A frame starts with a command; the byte 127 is in its first line.',
    ],
    [
      'a body that is longer than its count',
      'SEND\ncontent-length:3\n\nabcd\0',
      'No NUL follows the 3 bytes',
    ],
    ['a body that is counted as none', 'SEND\ncontent-length:0\n\na\0', 'No NUL follows the 0 bytes'],
    ['a body where none may be', 'ACK\n\na\0', 'ACK must not have a body'],
  ])('in words: %s', (_, wire, words) => {
    expect(() => decode('1.2', wire)).toThrow(words);
  });

  it('at the first byte that no command has, without waiting for the line', () => {
    expect(() => decode(undefined, 'GET ')).toThrow(error('unknown_command'));
    expect(() => decode(undefined, '{')).toThrow(error('unknown_command'));
  });

  it('and then shows the frame, as far as it was read', () => {
    const decoder = decoderOf('1.2');
    decoder.push(Buffer.from('SEND\nreceipt:a\\cb\ncontent-length:x\n\n\0'));

    expect(() => decoder.next()).toThrow(error('malformed_frame'));

    expect(decoder.refused?.command).toBe('SEND');
    expect(decoder.refused?.headers.get('receipt')).toBe('a:b');
  });

  it('without waiting for a line end, where the blank line before the NUL was forgotten', () => {
    expect(() => decode('1.2', 'DISCONNECT\nreceipt:77\n\0')).toThrow(error('malformed_frame'));
  });

  it('with the name of the header, escaped and not at any length', () => {
    expect(() => decode('1.2', 'SEND\nx\u0007-y:\\t\n\n\0')).toThrow('"x\\u0007-y"');
    expect(() => decode('1.2', `SEND\n${'x'.repeat(1000)}:\\t\n\n\0`)).toThrow(/"x{64}"/);
  });

  it('after the frames before it', () => {
    const decoder = decoderOf('1.2');

    decoder.push(Buffer.from('SEND\n\nfine\0send\n\n\0'));

    expect(decoder.next()).toMatchObject({ command: 'SEND' });
    expect(() => decoder.next()).toThrow(Refusal);
  });

  it('once: what follows is thrown away, since nobody knows where a frame starts in it', () => {
    const decoder = decoderOf('1.2');
    decoder.push(Buffer.from('send\n\n\0SEND\n\n\0'));
    expect(() => decoder.next()).toThrow(Refusal);

    decoder.push(Buffer.from('SEND\n\n\0'));

    expect(decoder.next()).toBeUndefined();
    expect(decoder.bufferedBytes).toBe(0);
  });
});

it('a line end may be cut in two, after the command and after a header', () => {
  const decoder = decoderOf('1.2');

  const decoded = ['SEND\r', '\na:b\r', '\n\r', '\nbody\0'].map((piece) => {
    decoder.push(Buffer.from(piece));
    return decoder.next();
  });

  expect(decoded.slice(0, 3)).toEqual([undefined, undefined, undefined]);
  expect(decoded[3]).toMatchObject({ command: 'SEND', headers: new Map([['a', 'b']]) });
});

it('a frame that has begun is weighed: what wasn’t read, and its lines, which are text of two bytes a character', () => {
  const decoder = decoderOf('1.2');
  expect([decoder.bufferedBytes, decoder.begunBytes, decoder.heldBytes]).toEqual([0, 0, 0]);

  decoder.push(Buffer.from('SEND\na:bcd\nrest'));
  expect(decoder.next()).toBeUndefined();
  expect([decoder.bufferedBytes, decoder.begunBytes, decoder.heldBytes]).toEqual([4, 4 + 5, 4 + 2 * 5]);

  decoder.push(Buffer.from(':\n\n\0'));
  expect(decoder.next()).toBeDefined();
  expect([decoder.bufferedBytes, decoder.begunBytes, decoder.heldBytes]).toEqual([0, 0, 0]);
});

describe('the version', () => {
  it('may be set between two frames of one chunk', () => {
    const decoder = new Decoder(limits);
    decoder.push(Buffer.from('CONNECT\naccept-version:1.2\npasscode:a\\nb\n\n\0\nSEND\na:a\\nb\n\n\0'));

    expect(decoder.next()?.headers.get('passcode')).toBe('a\\nb');
    decoder.version = '1.2';

    expect(decoder.next()?.headers.get('a')).toBe('a\nb');
  });
});

function decoderOf(version: Version | undefined): Decoder {
  const decoder = new Decoder(limits);
  decoder.version = version;
  return decoder;
}

/** All frames, as plain values. */
function decode(version: Version | undefined, wire: string | Buffer): unknown[] {
  const decoder = decoderOf(version);
  decoder.push(Buffer.from(wire as string));
  const decoded = [];
  for (let frame = decoder.next(); frame; frame = decoder.next()) {
    decoded.push([frame.command, [...frame.headers], Buffer.from(frame.body).toString()]);
  }
  return decoded;
}

function frames(expected: Expected[]): unknown[] {
  return expected.map(([command, headers, body = '']) => [command, Object.entries(headers), body]);
}

function error(code: ClosingCode): unknown {
  return expect.objectContaining({ name: 'Refusal', code });
}
