import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Message } from '../broker/message.js';
import { MessageFrames, type View } from './message-frames.js';

/** Names that a careless key would take for one another. */
const name = fc.option(fc.stringMatching(/^[0-2 t/a]{0,4}$/), { nil: undefined });
const view: fc.Arbitrary<View> = fc.record({
  version: fc.constantFrom('1.0', '1.1', '1.2'),
  subscription: name,
  destination: name,
  isTextOnly: fc.boolean(),
});
const message = (body: Uint8Array): Message => ({ id: '1', address: '/topic/a', headers: new Map(), body });
const binary = message(Uint8Array.of(0xff));

test('what a subscription gets does not depend on who else is there', () => {
  fc.assert(
    fc.property(fc.array(view, { minLength: 2, maxLength: 30 }), (views) => {
      const shared = new MessageFrames();

      for (const one of views) {
        const alone = new MessageFrames();
        const frame = shared.encode(binary, shared.viewOf(one));
        expect(Buffer.from(frame)).toEqual(Buffer.from(alone.encode(binary, alone.viewOf(one))));
      }
    }),
  );
});

test('subscriptions that see the same get the same bytes, and others their own', () => {
  const frames = new MessageFrames();
  const of = (subscription: string) =>
    frames.viewOf({ version: '1.2', subscription, destination: undefined, isTextOnly: false });
  const [one, same, other] = [of('a'), of('a'), of('b')];

  const first = frames.encode(binary, one);

  expect(frames.encode(binary, same)).toBe(first);
  expect(frames.encode(binary, other)).not.toEqual(first);
  expect(frames.encode(message(Buffer.from('next')), one)).not.toEqual(first);
});

test('one message to several users is encoded once; what is only like it is not that one', () => {
  const frames = new MessageFrames();
  const view = frames.viewOf({
    ...{ version: '1.2', subscription: 'a', destination: '/user/queue/x', isTextOnly: false },
  });
  const forAda = { ...binary, address: '/user/ada/queue/x' };
  const forBob = { ...forAda, address: '/user/bob/queue/x' };

  const first = frames.encode(forAda, view);

  expect(frames.encode(forBob, view)).toBe(first);
  for (const another of [{ body: Buffer.of() }, { headers: new Map() }, { id: '2' }]) {
    frames.encode(forAda, view);
    expect(frames.encode({ ...forBob, ...another }, view)).not.toBe(first);
  }
  const alone = new MessageFrames();
  const row = { ...forBob, position: { epoch: 'e', seq: 7 } };
  expect(frames.encode(row, view)).toEqual(alone.encode(row, view));
});

test('names beyond those that are remembered are seen as well as the first ones', () => {
  const frames = new MessageFrames();
  const of = (subscription: string) =>
    frames.viewOf({ version: '1.2', subscription, destination: undefined, isTextOnly: false });
  const first = of('0');

  for (let i = 0; i < 1_000; i++) {
    const frame = Buffer.from(frames.encode(binary, of(`${i}`))).toString('latin1');
    expect(frame).toContain(`\nsubscription:${i}\n`);
  }

  expect(Buffer.from(frames.encode(binary, first)).toString('latin1')).toContain('\nsubscription:0\n');
});

test.each([
  ['1.0', 'cursor:e:7'],
  ['1.2', 'cursor:e\\c7'],
] as const)('in STOMP %s a position is the header cursor, before a header of that name', (version, line) => {
  const frames = new MessageFrames();
  const row = {
    ...message(Buffer.of()),
    position: { epoch: 'e', seq: 7 },
    headers: new Map([['cursor', 'x']]),
  };

  const frame = frames.encode(
    row,
    frames.viewOf({ version, subscription: 'a', destination: undefined, isTextOnly: false }),
  );

  expect(/cursor:.*/.exec(Buffer.from(frame).toString())?.[0]).toBe(line);
});
