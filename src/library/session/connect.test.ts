import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.js';
import { MemoryNode } from '../testing/memory-node.js';
import { FrameWriter } from './frame-writer.js';
import { Heartbeats } from './heartbeats.js';
import type { Credentials, Wire } from './ports.js';

describe('the credentials of CONNECT', () => {
  it.each([
    [{ Authorization: 'Bearer a', authorization: 'Bearer b' }, { authorization: 'Bearer a' }],
    [{ authorization: 'Bearer b' }, { authorization: 'Bearer b' }],
    [
      { login: 'ada', passcode: 'secret' },
      { login: 'ada', passcode: 'secret', authorization: undefined },
    ],
  ])('of %j are %j', async (headers, credentials) => {
    const asked: Credentials[] = [];
    const node = new MemoryNode({
      authenticator: {
        authenticate: async (given) => {
          asked.push(given);
          return { name: 'ada', roles: [] };
        },
      },
    });

    await node.client().connect(headers);

    expect(asked).toEqual([expect.objectContaining({ ...credentials, remoteAddress: '127.0.0.1' })]);
  });

  it('say when their client has left meanwhile', async () => {
    let left: Credentials['left'];
    const node = new MemoryNode({
      authenticator: {
        authenticate: (given) => {
          ({ left } = given);
          return new Promise(() => {});
        },
      },
    });
    const client = node.client();
    client.frame('CONNECT', { login: 'ada', 'accept-version': '1.2' });
    await Promise.resolve();
    expect(left?.aborted).toBe(false);

    client.session.disconnected();

    expect(left?.aborted).toBe(true);
  });
});

it.each(['CONNECT', 'STOMP'])(
  'a receipt that %s asks for isn’t given: CONNECTED is its answer',
  async (command) => {
    const client = new MemoryNode().client();

    client.frame(command, { login: 'ada', 'accept-version': '1.2', receipt: 'r' });
    client.session.finish();
    await client.end();

    expect(client.frames.map((frame) => frame.command)).toEqual(['CONNECTED']);
  },
);

describe('a transaction', () => {
  it('of no BEGIN takes nothing', async () => {
    const client = await new MemoryNode().connected();

    client.frame('SEND', { destination: '/topic/a', transaction: 't' });

    expect((await client.next()).command).toBe('ERROR');
  });

  it('holds what is sent in it until COMMIT, and gives its RECEIPT at once', async () => {
    const client = await new MemoryNode().connected();
    client.frame('SUBSCRIBE', { id: 's', destination: '/topic/a' });

    client.frame('BEGIN', { transaction: 't' });
    client.frame('SEND', { destination: '/topic/a', transaction: 't', receipt: 'r' }, 'x');
    client.frame('SEND', { destination: '/topic/a' }, 'y');
    client.frame('COMMIT', { transaction: 't' });

    const told = [await client.next(), await client.next(), await client.next()];
    expect(
      told.map((frame) => frame.headers.get('receipt-id') ?? Buffer.from(frame.body).toString()),
    ).toEqual(['r', 'y', 'x']);
  });
});

describe('before STOMP 1.2', () => {
  it('ACK of 1.1 names the message and its subscription', async () => {
    const client = await new MemoryNode().connected('ada', '1.1');
    client.frame('SUBSCRIBE', { id: 's', destination: '/topic/a', ack: 'client' });
    client.frame('SEND', { destination: '/topic/a' });
    const id = (await client.next()).headers.get('message-id') ?? '';

    client.frame('ACK', { 'message-id': id, subscription: 's', receipt: 'r' });
    expect((await client.next()).headers.get('receipt-id')).toBe('r');
    client.frame('ACK', { 'message-id': id });

    expect((await client.next()).headers.get('message')).toBe('ACK needs the header subscription.');
  });

  it.each(['s', 'another', undefined])(
    'ACK of 1.0 names the message; a subscription (%s) only where there is one',
    async (subscription) => {
      const client = await new MemoryNode().connected('ada', '1.0');
      client.frame('SUBSCRIBE', { id: 's', destination: '/topic/a', ack: 'client' });
      client.frame('SUBSCRIBE', { id: 't', destination: '/topic/b', ack: 'client' });
      client.frame('SEND', { destination: '/topic/a' });
      const id = (await client.next()).headers.get('message-id') ?? '';

      client.frame('ACK', { 'message-id': id, receipt: 'r', ...(subscription && { subscription }) });

      expect((await client.next()).headers.get('receipt-id')).toBe('r');
    },
  );
});

describe('a writer', () => {
  it.each([
    ['1.0', 0],
    ['1.1', 1],
    ['1.2', 1],
  ] as const)('of STOMP %s tells its wire %i times that it may beat when silent', (version, times) => {
    const { writer, said } = writing();

    writer.agree(version, beatsOf(writer.wire));

    expect(said.filter((what) => what === 'beat when silent')).toHaveLength(times);
  });

  it('writes a body with its length, and nothing where there is none', () => {
    const { writer, said } = writing();

    writer.reply('ERROR', [['a', 'b']], Buffer.from('xyz'));
    writer.reply('RECEIPT', [['receipt-id', 'r']]);

    expect(said).toEqual(['ERROR\na:b\ncontent-length:3\n\nxyz\0', 'RECEIPT\nreceipt-id:r\n\n\0']);
  });

  it('pauses and resumes its wire, before CONNECTED too', () => {
    const { writer, said } = writing();

    writer.pause();
    writer.resume();

    expect(said).toEqual(['pause', 'resume']);
  });

  it('writes nothing any more when it is stopped', () => {
    const { writer, said } = writing();

    writer.stop();
    writer.reply('RECEIPT', [['receipt-id', 'r']]);

    expect(said).toEqual([]);
  });
});

/** A writer on a wire that writes down what it is told. */
function writing(): { writer: FrameWriter; said: string[] } {
  const said: string[] = [];
  const wire: Pick<Wire, 'send' | 'pause' | 'resume' | 'beatWhenSilent'> = {
    send: (bytes) => void said.push(Buffer.from(bytes).toString()),
    pause: () => void said.push('pause'),
    resume: () => void said.push('resume'),
    beatWhenSilent: () => void said.push('beat when silent'),
  };
  return { writer: new FrameWriter(wire as Wire), said };
}

function beatsOf(wire: Wire): Heartbeats {
  return new Heartbeats({ sendEveryMs: 0, expectEveryMs: 0 }, wire, new FakeClock(), { terminate: () => {} });
}
