import { describe, expect, it } from 'vitest';
import { Refusal } from '../errors.js';
import type { Frame } from '../stomp/frame.js';
import { MemoryNode } from '../testing/memory-node.js';
import type { Application, ApplicationReply, ApplicationRequest, SessionObserver } from './ports.js';

/** A node with one method, `/app/do`, which does what the test says. */
class Methods {
  readonly requests: ApplicationRequest[] = [];
  readonly failed: unknown[] = [];
  readonly subscribed: string[] = [];
  readonly node: MemoryNode;

  constructor(run: (request: ApplicationRequest) => Promise<ApplicationReply | undefined>) {
    const does = (request: ApplicationRequest): Promise<ApplicationReply | undefined> => {
      this.requests.push(request);
      return run(request);
    };
    const application: Application = {
      handles: (_verb, destination) => destination === '/app/do',
      send: async (request) => void (await does(request)),
      subscribe: does,
    };
    const observer: SessionObserver = {
      failed: (_session, error) => this.failed.push(error),
      subscribed: (_session, { destination }) => this.subscribed.push(destination),
    };
    this.node = new MemoryNode({ application, observer });
  }
}

const ERRORS = { id: 'errors', destination: '/user/queue/errors' };
const header = (frame: Frame, name: string): string | undefined => frame.headers.get(name);
const text = ({ body }: Frame): string => Buffer.from(body).toString();

describe('a method that fails', () => {
  const refused = new Refusal('forbidden', 'Not you.');
  const broken = new Error('broken');

  it.each([
    ['refuses', refused, 'forbidden', 'Not you.', []],
    ['throws anything else', broken, 'handler_failed', 'The method failed; the fault is ours.', [broken]],
  ])(
    'and %s is told where its client listens, with the receipt, and no RECEIPT follows',
    async (_, error, code, message, failed) => {
      const methods = new Methods(() => Promise.reject(error));
      const client = await methods.node.connected();
      client.frame('SUBSCRIBE', ERRORS).frame('SUBSCRIBE', { ...ERRORS, id: 'again' });

      client.frame('SEND', { destination: '/app/do', receipt: 'r1' });
      client.frame('SEND', { destination: '/topic/x', receipt: 'r2' });
      const told = [await client.next(), await client.next()];

      expect(told.map((frame) => header(frame, 'subscription'))).toEqual(['errors', 'again']);
      expect(new Set(told.map((frame) => header(frame, 'message-id'))).size).toBe(2);
      for (const frame of told) {
        expect(Object.fromEntries(frame.headers)).toMatchObject({
          destination: '/user/queue/errors',
          'content-type': 'application/json',
          code,
          'receipt-id': 'r1',
        });
        expect(JSON.parse(text(frame))).toEqual({ code, message, destination: '/app/do' });
      }
      expect(header(await client.next(), 'receipt-id')).toBe('r2');
      expect(methods.failed).toEqual(failed);
    },
  );

  it.each([
    ['refuses', refused, 'forbidden', 'Not you.'],
    [
      'refuses with a code of the application’s',
      new Refusal<string>('too_late', 'Closed.'),
      'handler_failed',
      'Closed.',
    ],
    ['throws anything else', broken, 'handler_failed', 'The method failed; the fault is ours.'],
  ])('and %s is an ERROR where its client doesn’t listen', async (_, error, code, message) => {
    const methods = new Methods(() => Promise.reject(error));
    const client = await methods.node.connected();

    client.frame('SEND', { destination: '/app/do', receipt: 'r1' });
    const told = await client.next();

    expect([told.command, header(told, 'code'), header(told, 'message'), header(told, 'receipt-id')]).toEqual(
      ['ERROR', code, message, 'r1'],
    );
    await client.end();
  });

  it('is told without a receipt where none was asked for, to its own session alone', async () => {
    const methods = new Methods(() => Promise.reject(refused));
    const [client, other] = [await methods.node.connected(), await methods.node.connected()];
    for (const one of [client, other]) one.frame('SUBSCRIBE', ERRORS);

    client.frame('SEND', { destination: '/app/do' });

    expect((await client.next()).headers.has('receipt-id')).toBe(false);
    other.frame('SEND', { destination: '/topic/x', receipt: 'r' });
    expect((await other.next()).command).toBe('RECEIPT');
  });

  it('is told later too, when what it began has failed', async () => {
    const methods = new Methods(async () => undefined);
    const [listening, deaf] = [await methods.node.connected(), await methods.node.connected()];
    listening.frame('SUBSCRIBE', ERRORS);
    for (const one of [listening, deaf]) {
      one.frame('SEND', { destination: '/app/do', receipt: 'r' });
      await one.next();
    }

    methods.requests.forEach(({ fail }) => fail(refused));

    expect(JSON.parse(text(await listening.next()))).toEqual({
      code: 'forbidden',
      message: 'Not you.',
      destination: '/app/do',
    });
    expect(header(await deaf.next(), 'code')).toBe('forbidden');
  });
});

describe('a method that takes too long', () => {
  it('has failed, and what it does later is nobody’s', async () => {
    let finish = (): void => {};
    const done = new Promise<undefined>((resolve) => {
      finish = () => resolve(undefined);
    });
    const methods = new Methods(() => done);
    const client = await methods.node.connected();
    client.frame('SUBSCRIBE', ERRORS);

    client.frame('SEND', { destination: '/app/do', receipt: 'r1' });
    client.frame('SEND', { destination: '/topic/x', receipt: 'r2' });
    methods.node.clock.pass(29_999);
    await Promise.resolve();
    expect(client.frames).toEqual([]);
    methods.node.clock.pass(1);
    const told = await client.next();
    finish();

    expect(header(told, 'code')).toBe('handler_failed');
    expect(methods.failed).toEqual([new Error('The method for /app/do took longer than 30000 ms')]);
    expect(header(await client.next(), 'receipt-id')).toBe('r2');
  });

  it('leaves no timer behind where it was in time', async () => {
    const methods = new Methods(async () => undefined);
    const client = await methods.node.connected();

    client.frame('SEND', { destination: '/app/do', receipt: 'r' });
    await client.next();
    methods.node.clock.pass(60_000);
    client.frame('SEND', { destination: '/topic/x', receipt: 'still there' });

    expect(header(await client.next(), 'receipt-id')).toBe('still there');
    expect(methods.failed).toEqual([]);
  });
});

describe('what a method is given', () => {
  it('is the frame’s own, and its client’s, until that has left', async () => {
    const methods = new Methods(async () => undefined);
    const client = await methods.node.connected();
    client.frame('SEND', { destination: '/app/do', receipt: 'r', mood: 'good' }, 'hello');
    await client.next();

    const [request] = methods.requests;
    request?.session.attributes.set('seen', true);
    expect(request).toMatchObject({ destination: '/app/do', headers: new Map([['mood', 'good']]) });
    expect(Buffer.from(request?.body ?? []).toString()).toBe('hello');
    expect(request?.session).toMatchObject({
      user: { name: 'ada' },
      transport: 'memory',
      id: client.session.id,
    });
    expect(request?.session.attributes.get('seen')).toBe(true);
    expect([request?.left.aborted, request?.left === request?.session.left]).toEqual([false, true]);

    client.session.disconnected();

    expect([request?.left.aborted, request?.session.left.aborted]).toEqual([true, true]);
  });

  it('says that its client has left to one that asks only then', async () => {
    const methods = new Methods(async () => undefined);
    const client = await methods.node.connected();
    client.frame('SUBSCRIBE', { id: '0', destination: '/app/do', receipt: 'r' });
    await client.next();

    client.session.disconnected();

    expect(methods.requests[0]?.session.left.aborted).toBe(true);
  });
});

describe('a SUBSCRIBE that a method answers', () => {
  const reply = { headers: new Map([['event', 'first']]), body: Buffer.from('value') };

  it('gets the value, and is told of as subscribed', async () => {
    const methods = new Methods(async () => reply);
    const client = await methods.node.connected();

    client.frame('SUBSCRIBE', { id: '0', destination: '/app/do', receipt: 'r' });
    const frames = [await client.next(), await client.next()];

    const message = frames.find(({ command }) => command === 'MESSAGE');
    expect(frames.map(({ command }) => command).toSorted()).toEqual(['MESSAGE', 'RECEIPT']);
    expect(message && [header(message, 'event'), header(message, 'destination'), text(message)]).toEqual([
      'first',
      '/app/do',
      'value',
    ]);
    expect(methods.subscribed).toEqual(['/app/do']);
  });

  it('gets no message where there is no value', async () => {
    const methods = new Methods(async () => undefined);
    const client = await methods.node.connected();

    client.frame('SUBSCRIBE', { id: '0', destination: '/app/do', receipt: 'r' });

    expect((await client.next()).command).toBe('RECEIPT');
    expect([client.frames, methods.subscribed]).toEqual([[], ['/app/do']]);
  });

  it('isn’t told of as subscribed where the method failed', async () => {
    const methods = new Methods(() => Promise.reject(new Error('broken')));
    const client = await methods.node.connected();
    client.frame('SUBSCRIBE', ERRORS);

    client.frame('SUBSCRIBE', { id: '0', destination: '/app/do', receipt: 'r' });
    const told = await client.next();

    expect([header(told, 'code'), header(told, 'receipt-id')]).toEqual(['handler_failed', 'r']);
    expect(methods.subscribed).toEqual(['/user/queue/errors']);
  });

  it('tells the method when it is closed', async () => {
    const methods = new Methods(async () => undefined);
    const client = await methods.node.connected();
    client.frame('SUBSCRIBE', { id: '0', destination: '/app/do', receipt: 'r' });
    await client.next();
    expect(methods.requests[0]?.left.aborted).toBe(false);

    client.frame('UNSUBSCRIBE', { id: '0', receipt: 'r' });
    await client.next();

    expect([methods.requests[0]?.left.aborted, methods.requests[0]?.session.left.aborted]).toEqual([
      true,
      false,
    ]);
  });
});
