import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { encode, encodeLines, headerLines } from './encoder.js';
import { versions } from './version.js';

const forged = { name: 'x\ndestination', value: '/topic/a\n\nforged\0MESSAGE' };

describe.each(versions)('in every version, here %s', (version) => {
  it('a frame is its command, its headers, a blank line, its body and NUL', () => {
    expect(wire('DISCONNECT', [], version)).toBe('DISCONNECT\n\n\0');
    expect(wire('RECEIPT', [['receipt-id', '7']], version)).toBe('RECEIPT\nreceipt-id:7\n\n\0');
    expect(wire('SEND', [['destination', '/queue/a']], version, 'hi')).toBe(
      'SEND\ndestination:/queue/a\ncontent-length:2\n\nhi\0',
    );
  });

  it('lines that many frames have in common are those that each would have', () => {
    const headers: [string, string][] = [
      ['destination', '/topic/a:b'],
      ['a:b\nc', 'd\r\\'],
      ['', 'no name'],
    ];

    const lines = headerLines(headers, version);

    const body = Buffer.from('hi');
    expect(encodeLines('MESSAGE', lines, body)).toEqual(
      encode({ command: 'MESSAGE', headers, body }, version),
    );
  });

  it('takes its headers from a Map as well', () => {
    const headers = new Map([['receipt-id', '7']]);

    expect(encode({ command: 'RECEIPT', headers }, version).toString()).toBe('RECEIPT\nreceipt-id:7\n\n\0');
  });

  // STOMP 1.2, Header content-length
  it.each(['SEND', 'MESSAGE', 'ERROR'])(
    'the body of %s is counted in bytes, whatever the caller counted',
    (command) => {
      expect(wire(command, [['content-length', '1']], version, 'ü\0')).toBe(
        `${command}\ncontent-length:3\n\nü\0\0`,
      );
      expect(wire(command, [['content-length', '1']], version)).toBe(`${command}\n\n\0`);
    },
  );

  it('no header is taken for two', () => {
    for (const command of ['MESSAGE', 'CONNECTED', 'ERROR']) {
      const lines = wire(
        command,
        [
          [forged.name, '1'],
          ['y', forged.value],
          ['z', '1'],
        ],
        version,
      ).split('\n');

      expect(lines).not.toContain('destination:1');
      expect(lines).not.toContain('forged\0MESSAGE');
      expect(lines).toContain('z:1');
    }
  });

  it('a header without a name is left out', () => {
    expect(wire('MESSAGE', [['', 'value']], version)).toBe('MESSAGE\n\n\0');
  });

  // STOMP 1.2, Value Encoding; 1.0 has no escapes at all.
  it.each(['CONNECT', 'STOMP', 'CONNECTED'])(
    '%s is not escaped; what would need it is left out',
    (command) => {
      const headers: [string, string][] = [
        ['session', 'a:b\\c'],
        ['a:b', 'colon in the name'],
        ['lf', 'a\nb'],
        ['cr', 'a\r'],
        ['name\r', 'a'],
      ];

      expect(wire(command, headers, version)).toBe(`${command}\nsession:a:b\\c\n\n\0`);
    },
  );

  it('characters outside of ASCII are UTF-8', () => {
    const bytes = encode({ command: 'MESSAGE', headers: [['ü', '\u{1F514}']] }, version);

    expect(bytes).toEqual(Buffer.from('MESSAGE\nü:\u{1F514}\n\n\0', 'utf8'));
  });
});

describe('a header with octets that have a meaning', () => {
  const headers: [string, string][] = [
    ['a:\n\\b', 'alpha:bravo\n\\'],
    ['cr', 'a\rb'],
    ['colon', 'https://example.org'],
    ['empty', ''],
  ];

  it('is escaped for a 1.2 reader', () => {
    expect(wire('MESSAGE', headers, '1.2')).toBe(
      'MESSAGE\na\\c\\n\\\\b:alpha\\cbravo\\n\\\\\ncr:a\\rb\ncolon:https\\c//example.org\nempty:\n\n\0',
    );
  });

  it('is escaped for a 1.1 reader but for CR, which is data there', () => {
    expect(wire('MESSAGE', headers, '1.1')).toBe(
      'MESSAGE\na\\c\\n\\\\b:alpha\\cbravo\\n\\\\\ncr:a\rb\ncolon:https\\c//example.org\nempty:\n\n\0',
    );
  });

  it('is left out for a 1.0 reader where 1.0 cannot say it, and else written as it is', () => {
    expect(wire('MESSAGE', headers, '1.0')).toBe('MESSAGE\ncr:a\rb\ncolon:https://example.org\n\n\0');
  });
});

function wire(
  command: string,
  headers: [string, string][],
  version: (typeof versions)[number],
  body?: string,
): string {
  return encode(
    { command, headers, ...(body !== undefined && { body: Buffer.from(body) }) },
    version,
  ).toString();
}
