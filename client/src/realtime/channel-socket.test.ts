import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../src/library/testing/fake-clock.js';
import { Socket, type ChannelMessage } from './channel-socket.js';
import type { OnlineEvents } from './online.js';

/** A WebSocket whose other end is the test. */
class FakeSocket extends EventTarget {
  readyState = 0;
  readonly sent: string[] = [];
  closed: number | undefined;

  constructor(readonly url: string) {
    super();
  }

  opens(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }

  says(message: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }));
  }

  breaks(code: number, reason = ''): void {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event('close'), { code, reason }));
  }

  send(json: string): void {
    this.sent.push(json);
  }

  close(code: number): void {
    this.closed = code;
    this.readyState = 3;
  }
}

let clock: FakeClock;
let sockets: FakeSocket[];
let events: OnlineEvents;
let told: string[];
let heard: ChannelMessage[];
beforeEach(() => {
  clock = new FakeClock();
  [sockets, told, heard] = [[], [], []];
});

function opened(url: string | (() => Promise<string>) = 'wss://clinic.example/channels/a'): Socket {
  return new Socket(
    false,
    () => told.push('open'),
    (message) => heard.push(message),
    (service, error) => told.push(`${service}: ${error}`),
    url,
    {
      clock,
      random: () => 0.999,
      connect: (address) => {
        const socket = new FakeSocket(address);
        sockets.push(socket);
        return socket as unknown as WebSocket;
      },
      online: {
        isOnline: () => true,
        isVisible: () => true,
        watch: (watched) => {
          events = watched;
          return () => {};
        },
      },
    },
  );
}

const said = (n: number): ChannelMessage => ({ channel: 'a', cmd: 'chat-message', param: { n } });
const last = (): FakeSocket => sockets.at(-1) as FakeSocket;
const numbers = (socket: FakeSocket): unknown[] =>
  socket.sent.map((json) => (JSON.parse(json) as ChannelMessage).param['n']);

describe('a channel’s socket', () => {
  it('says when it is open, and hands over what comes, errors apart', () => {
    const socket = opened();
    expect(socket.state).toBe('connecting');
    last().opens();
    last().says(said(1));
    last().says({ channel: 'a', cmd: 'error', param: { code: 'rate_limited', message: 'Too fast.' } });

    expect([socket.state, told, heard]).toEqual([
      'open',
      ['open', 'server: rate_limited: Too fast.'],
      [said(1)],
    ]);
  });

  it('keeps what is sent while there is no connection, in order, and sends it once', () => {
    const socket = opened();
    socket.send(said(1));
    socket.send(said(2));
    last().opens();
    socket.send(said(3));
    expect(numbers(last())).toEqual([1, 2, 3]);

    last().breaks(1006);
    socket.send(said(4));
    clock.pass(1_000);
    last().opens();

    expect([sockets.length, numbers(last())]).toEqual([2, [4]]);
  });

  it('refuses the newest when a thousand wait, or a mebibyte', () => {
    const socket = opened();
    for (let n = 0; n < 1_001; n++) socket.send(said(n));
    expect(told).toEqual(['queue: Too much waits for a connection: the message was not sent.']);
    last().opens();
    expect(numbers(last())).toHaveLength(1_000);
    last().breaks(1006);

    const large = { ...said(0), param: { text: 'x'.repeat(600_000) } };
    socket.send(large);
    socket.send(large);

    expect(told.at(-1)).toMatch(/^queue/);
  });

  it('waits longer after each failure, thirty seconds at most, and short again after a success', () => {
    opened();
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      last().breaks(1006);
      const before = sockets.length;
      let ms = 0;
      for (; sockets.length === before; ms += 500) clock.pass(500);
      waits.push(ms);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);

    last().opens();
    last().says(said(1));
    last().breaks(1001, 'server_drain');
    const before = sockets.length;
    clock.pass(1_000);

    expect(sockets).toHaveLength(before + 1);
  });

  it('comes back at once when the network or the page does', () => {
    const socket = opened();
    last().opens();
    events.onHide();
    expect([socket.state, last().closed]).toEqual(['waiting', 1000]);

    events.onWake();
    expect([socket.state, sockets.length]).toEqual(['connecting', 2]);
    events.onWake();
    expect(sockets).toHaveLength(2);
  });

  it.each([4401, 4403, 4404])('stops at %i', (code) => {
    const socket = opened();
    last().breaks(code);
    clock.pass(60_000);
    events.onWake();

    expect([socket.state, sockets.length, clock.pending]).toEqual(['closed', 1, 0]);
    socket.send(said(1));
    expect(told.at(-1)).toMatch(/^queue/);
  });

  it('asks for another URL once when its login did not count', async () => {
    let asked = 0;
    const socket = opened(() => Promise.resolve(`wss://clinic.example/channels/a?ticket=${++asked}`));
    await Promise.resolve();
    last().breaks(4401);
    clock.pass(1_000);
    await Promise.resolve();
    expect(last().url).toBe('wss://clinic.example/channels/a?ticket=2');

    last().breaks(4401);
    clock.pass(60_000);

    expect([socket.state, asked]).toEqual(['closed', 2]);
  });

  it('tells of a URL that could not be had, and asks again', async () => {
    let asked = 0;
    opened(() =>
      ++asked === 1 ? Promise.reject(new Error('offline')) : Promise.resolve('wss://a.example/'),
    );
    await new Promise(setImmediate);
    expect(told).toEqual(['url: Error: offline']);

    clock.pass(1_000);
    await new Promise(setImmediate);

    expect(sockets).toHaveLength(1);
  });

  it('is over when it was disconnected', () => {
    const socket = opened();
    last().opens();
    socket.disconnect();
    last().breaks(1000);
    clock.pass(60_000);

    expect([socket.state, last().closed, sockets.length, told]).toEqual(['closed', 1000, 1, ['open']]);
  });
});
