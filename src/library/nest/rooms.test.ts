import { Controller, Get, Module, Res, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { limits } from '../limits.js';
import { MemoryHub } from '../relay/memory-line.js';
import { anybody } from '../testing/anybody.js';
import { TestClient, type TestSubscription } from '../testing/test-client.js';
import type { RoomChange } from './attendance.js';
import { Broadcasts } from './broadcasts.js';
import { EventStreams } from './event-streams.js';
import { MessagingModule } from './messaging.module.js';
import { Rooms } from './rooms.js';

const streamer = { name: 'streamer', roles: [] };

@Controller()
class StreamsOf {
  constructor(
    private readonly streams: EventStreams,
    private readonly broadcasts: Broadcasts,
  ) {}

  @Get('lobby')
  lobby(@Res() response: ServerResponse): Promise<void> {
    return this.streams.open({ response, user: streamer, address: '/topic/rooms.lobby' });
  }

  @Get('stocks')
  stocks(@Res() response: ServerResponse): Promise<void> {
    return this.broadcasts.of('/topic/stocks').stream({ response, user: streamer });
  }
}

const hub = new MemoryHub();

@Module({
  imports: [
    MessagingModule.forRootAsync({
      useFactory: () => ({
        authenticator: anybody,
        authorizer: { isAllowed: () => true },
        limits: { nodeBeatMs: 20, nodeDeadMs: 60 },
        relay: { line: hub.line(limits), prefix: 'rooms' },
      }),
    }),
  ],
  controllers: [StreamsOf],
})
class TestModule {}

const applications: INestApplication[] = [];
let here: INestApplication;
let rooms: Rooms;

async function node(): Promise<INestApplication> {
  const application = await NestFactory.create(TestModule, { logger: false, forceCloseConnections: true });
  applications.push(application);
  return application.init();
}

beforeEach(async () => {
  here = await node();
  rooms = here.get(Rooms);
});
afterEach(async () => {
  await Promise.all(applications.splice(0).map((application) => application.close()));
});

async function member(login: string, room = 'lobby', application = here): Promise<TestSubscription> {
  const client = await TestClient.connect(application, { login });
  return client.subscribe(`/topic/rooms.${room}`);
}

describe('a room', () => {
  it('brings what is said to its members, with its event, and to all but one', async () => {
    const lobby = rooms.room('lobby');
    const [ada, bob] = [await member('ada'), await member('bob')];
    const [{ session: first } = { session: '' }, { session: second } = { session: '' }] = lobby.members();

    lobby.broadcast({ n: 1 }, { event: 'greeting' });
    lobby.broadcast({ n: 2 }, { except: first });
    lobby.send(second, { n: 3 });
    rooms.broadcast({ n: 4 });

    const said = async (of: TestSubscription, count: number): Promise<string[]> => {
      const bodies = [];
      for (let i = 0; i < count; i++) bodies.push((await of.next()).body);
      return bodies;
    };
    expect(await said(ada, 2)).toEqual(['{"n":1}', '{"n":4}']);
    expect(await said(bob, 4)).toEqual(['{"n":1}', '{"n":2}', '{"n":3}', '{"n":4}']);
  });

  it('is known by its name, and made once', () => {
    const lobby = rooms.room('lobby', { capacity: 2 });

    expect([rooms.room('lobby'), rooms.find('lobby')]).toEqual([lobby, lobby]);
    expect([rooms.names(), rooms.find('other')]).toEqual([['lobby'], undefined]);
    expect(() => rooms.room('lobby', { capacity: 3 })).toThrow(TypeError);
    for (const name of ['', 'a.b', '*', 'a/b', 'x'.repeat(65)])
      expect(() => rooms.room(name)).toThrow(TypeError);
  });

  it('takes as many as it has places for, and one more when one has left', async () => {
    const lobby = rooms.room('lobby', { capacity: 2 });
    const ada = await TestClient.connect(here, { login: 'ada' });
    const place = await ada.subscribe(lobby.address);
    await member('bob');

    await expect(member('eve')).rejects.toMatchObject({ code: 'room_full' });
    await ada.unsubscribe(place);
    await member('eve');

    expect([lobby.count, lobby.members().map(({ user }) => user)]).toEqual([2, ['bob', 'eve']]);
  });

  it('tells who comes and goes, however they go', async () => {
    const lobby = rooms.room('lobby');
    const told: string[] = [];
    const change = ({ type, member }: RoomChange): unknown => told.push(`${member.user} ${type}`);
    const reading = lobby.changes.subscribe(change);
    const [ada, bob] = [
      await TestClient.connect(here, { login: 'ada' }),
      await TestClient.connect(here, { login: 'bob' }),
    ];
    const place = await ada.subscribe(lobby.address);
    await bob.subscribe(lobby.address);
    await ada.unsubscribe(place);
    bob.leave();
    await bob.ended();
    expect(told).toEqual(['ada joined', 'bob joined', 'ada left', 'bob left']);

    reading.unsubscribe();
    await member('eve');
    expect(told).toHaveLength(4);
  });

  it('is shown to no pattern, which would be a way past its capacity', async () => {
    rooms.room('lobby');
    const ada = await TestClient.connect(here, { login: 'ada' });
    const all = await ada.subscribe('/topic/**');

    rooms.broadcast('hidden');
    here.get(Broadcasts).of('/topic/news').message('shown');

    expect((await all.next()).body).toBe('shown');
  });

  it('tells its members that it is closed, and nothing after that', async () => {
    const lobby = rooms.room('lobby');
    const client = await TestClient.connect(here, { login: 'ada' });
    const ada = await client.subscribe(lobby.address);

    rooms.remove('lobby');
    rooms.room('lobby').broadcast('to nobody');

    const last = await ada.next();
    expect([last.headers.get('event-type'), last.body]).toEqual(['room-closed', '{"room":"lobby"}']);
    expect([rooms.room('lobby').count, lobby.members()]).toEqual([0, []]);
    await client.unsubscribe(ada);
    const again = await client.subscribe(lobby.address);
    rooms.room('lobby').broadcast('to her');
    expect((await again.next()).body).toBe('to her');
  });
});

describe('rooms of several nodes', () => {
  it('are counted together, and a node that is gone counts no more', async () => {
    const there = await node();
    const [lobby, same] = [
      rooms.room('lobby', { capacity: 2 }),
      there.get(Rooms).room('lobby', { capacity: 2 }),
    ];
    const ada = await member('ada', 'lobby', there);
    await member('bob');
    await expect.poll(() => [lobby.count, same.count]).toEqual([2, 2]);
    await expect(member('eve', 'lobby', there)).rejects.toMatchObject({ code: 'room_full' });
    expect(lobby.members().map(({ user }) => user)).toEqual(['bob']);

    lobby.broadcast('hi');
    expect((await ada.next()).body).toBe('hi');
    await there.close();

    await expect.poll(() => lobby.count).toBe(1);
  });

  it('are told to a node that comes later', async () => {
    rooms.room('lobby');
    await member('ada');
    const there = await node();

    await expect.poll(() => there.get(Rooms).room('lobby').count).toBe(1);
  });

  it('close on all of them', async () => {
    const there = await node();
    there.get(Rooms).room('lobby');
    const ada = await member('ada', 'lobby', there);
    rooms.room('lobby');

    rooms.remove('lobby');

    expect((await ada.next()).headers.get('event-type')).toBe('room-closed');
    expect(there.get(Rooms).names()).toEqual([]);
  });
});

describe('an event stream', () => {
  let url: string;
  beforeEach(async () => {
    await here.listen(0, '127.0.0.1');
    url = `http://127.0.0.1:${((here.getHttpServer() as Server).address() as AddressInfo).port}`;
  });

  it('of a room is a member of it, and ends with it', async () => {
    const lobby = rooms.room('lobby', { capacity: 1 });
    const stream = await fetch(`${url}/lobby`);
    const [{ session, transport } = { session: '', transport: '' }] = lobby.members();
    expect([transport, (await fetch(`${url}/lobby`)).status]).toEqual(['sse', 429]);

    lobby.send(session, { n: 1 }, { event: 'own' });
    rooms.remove('lobby');

    const text = await stream.text();
    expect(text).toContain('event: own\ndata: {"n":1}\n\n');
    expect(text).toContain('event: room-closed\ndata: {"room":"lobby"}\n\n');
    expect(lobby.count).toBe(0);
  });

  it('of a broadcast has its events, typed and not, and is counted', async () => {
    const stocks = here.get(Broadcasts).of<{ price: { symbol: string } }>('/topic/stocks');
    const leave = new AbortController();
    const stream = await fetch(`${url}/stocks`, { signal: leave.signal });
    expect(stocks.clients).toBe(1);

    stocks.send('price', { symbol: 'AAPL' });
    stocks.message('two\nlines');

    let text = '';
    for await (const piece of stream.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(piece).toString();
      if (text.includes('lines')) break;
    }
    expect(text).toContain('event: price\ndata: {"symbol":"AAPL"}\n\n');
    expect(text).toContain('data: two\ndata: lines\n\n');
    leave.abort();
    await expect.poll(() => stocks.clients).toBe(0);
  });
});
