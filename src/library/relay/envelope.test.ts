import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '../broker/message.js';
import { decode, Envelopes } from './envelope.js';

const envelopes = new Envelopes('node-a');
const whole = { kind: 'whole' } as const;
const numbered = { seq: 7, at: 1_767_603_600_000 };

describe('an envelope', () => {
  it('brings a message as it was, whatever its headers and body are', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 });
    const name = fc.oneof(
      text.filter((one) => one !== '' && !one.startsWith('\0')),
      fc.constantFrom('c-v', 'c-node', 'c-seq', 'c-only', 'c-h-', 'c-h-c-v', 'c-news', 'c-letter', 'a:b\n'),
    );
    const own = (one: string): boolean => !['destination', 'message-id', 'content-length'].includes(one);
    const message = fc.record({
      id: text.filter((one) => one !== ''),
      address: text.map((one) => `/topic/${one}`),
      headers: fc.array(fc.tuple(name.filter(own), text)).map((all) => new Map(all)),
      body: fc.uint8Array().map((octets) => Buffer.from(octets)),
      audience: fc.oneof(
        fc.constant(undefined),
        fc.record({ only: text }),
        fc.record({ except: text }),
        fc.record({ users: fc.array(text, { maxLength: 4 }) }),
      ),
      position: fc.option(fc.record({ epoch: fc.constant('e1'), seq: fc.nat() }), { nil: undefined }),
    });
    fc.assert(
      fc.property(message, (given) => {
        const sent = known(given);
        const [envelope] = decode(envelopes.encode(sent, whole, numbered));

        expect(envelope).toEqual({ node: 'node-a', ...numbered, content: whole, message: sent });
      }),
    );
  });

  it('stands beside others in a payload, in their order', () => {
    const payload = Buffer.concat(
      ['1', '2', '3'].map((id) => envelopes.encode(messageOf(id), whole, numbered)),
    );

    expect(decode(payload).map((envelope) => envelope?.message.id)).toEqual(['1', '2', '3']);
  });

  it('of news or of a letter has no text of the message', () => {
    const position = { epoch: 'e', seq: 3 };
    const secret = { ...messageOf('1'), position, headers: new Map([['subject', 'secret']]) };
    const news = envelopes.encode(secret, { kind: 'news', position }, numbered);
    const letter = envelopes.encode(secret, { kind: 'letter', id: 'l-1' }, numbered);

    expect([String(news), String(letter)].some((text) => /secret|hello/.test(text))).toBe(false);
    expect(decode(news)[0]?.content).toEqual({ kind: 'news', position });
    expect(decode(letter)[0]?.content).toEqual({ kind: 'letter', id: 'l-1' });
  });

  it('is known as its own by the node that wrote it, undecoded', () => {
    const payload = envelopes.encode(messageOf('1'), whole, numbered);

    expect(envelopes.isOwn(payload)).toBe(true);
    expect(new Envelopes('node-b').isOwn(payload)).toBe(false);
    expect(new Envelopes('node-').isOwn(payload)).toBe(false);
    expect(envelopes.isOwn(new Uint8Array())).toBe(false);
  });

  it('of another version is skipped, and those beside it are read', () => {
    const newer = Buffer.from('MESSAGE\nc-v:2\nc-new:thing\n\nbody\0');
    const payload = Buffer.concat([newer, envelopes.encode(messageOf('1'), whole, numbered)]);

    expect(decode(payload).map((envelope) => envelope?.message.id)).toEqual([undefined, '1']);
  });

  it('may have headers that are not known here', () => {
    const text = String(envelopes.encode(messageOf('1'), whole, numbered));
    const payload = Buffer.from(text.replace('c-seq:', 'c-of-tomorrow:x\nc-seq:'));

    expect(decode(payload)[0]?.message).toEqual(messageOf('1'));
  });

  it.each([
    ['nothing', ''],
    ['line ends', '\n\n'],
    ['no frame', 'hello'],
    ['bytes that are no text', '\xff\xfe\0'],
    ['a frame of a client', 'SEND\nc-v:1\n\n\0'],
    ['a frame without end', 'MESSAGE\nc-v:1\n\nbody'],
    ['a frame without a node', 'MESSAGE\nc-v:1\nc-seq:1\nc-at:1\ndestination:/topic/x\nmessage-id:1\n\n\0'],
    ['a number that is none', frame('c-seq:1e3\nc-at:1')],
    ['a number beyond all', frame('c-seq:99999999999999999999\nc-at:1')],
    ['a negative time', frame('c-seq:1\nc-at:-1')],
    ['a cursor that is none', frame('c-seq:1\nc-at:1\nc-cursor:here')],
    ['news of nothing', frame('c-seq:1\nc-at:1\nc-news:1')],
    ['something behind the last frame', `${frame('c-seq:1\nc-at:1')}MESS`],
  ])('is not %s', (_what, text) => {
    expect(() => decode(Buffer.from(text, 'latin1'))).toThrow();
  });

  it('throws at no bytes what ends a process', () => {
    const valid = envelopes.encode(messageOf('1'), whole, numbered);
    fc.assert(
      fc.property(fc.nat({ max: valid.length - 1 }), fc.uint8Array({ maxLength: 5 }), (at, octets) => {
        const broken = Buffer.concat([valid.subarray(0, at), octets, valid.subarray(at + 1)]);
        expect(outcomeOf(() => decode(broken))).toMatch(/^(read|refused)$/);
      }),
    );
  });
});

function outcomeOf(read: () => unknown): string {
  try {
    read();
    return 'read';
  } catch (error) {
    return error instanceof Error && !(error instanceof RangeError) ? 'refused' : String(error);
  }
}

function frame(own: string): string {
  return `MESSAGE\nc-v:1\nc-node:b\n${own}\ndestination:/topic/x\nmessage-id:1\n\n\0`;
}

function messageOf(id: string): Message {
  return { id, address: '/topic/x', headers: new Map(), body: Buffer.from('hello') };
}

/** Without what is undefined, which the type forbids. */
function known(message: {
  [Key in keyof Message]: Message[Key] | undefined;
}): Message {
  return Object.fromEntries(Object.entries(message).filter(([, value]) => value !== undefined)) as never;
}
