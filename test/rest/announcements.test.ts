import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Store } from '../../src/library/store/store.js';
import { SqlTopicStore } from '../../src/library/store/sql-topic-store.js';
import { postgres, sqlite, type FreshDatabase } from '../databases.js';
import { ask, openClinic, problemOf, signIn, type Answer, type Clinic, type Login } from './clinic.js';
import { connect, type Connection } from './stomp.js';
import { tcp, webSocket, xhrStreaming, type OpenSocket } from './stomp-sockets.js';

const TOPIC = '/topic/announcements';
const DAY_MS = 86_400_000;

interface Page {
  readonly items: readonly {
    readonly message: string;
    readonly timestamp: string;
    readonly cursor: string;
    readonly seq: number;
  }[];
  readonly next: string | null;
  readonly cursor: string;
}

for (const kind of [sqlite, postgres]) {
  describe.skipIf(!kind.isHere)(`announcements on ${kind.name}`, () => {
    let database: FreshDatabase;
    let clinic: Clinic;
    let patient: Login;
    let operator: Login;
    /** The head before each test. */
    let before: string;
    const connections: Connection[] = [];

    beforeAll(async () => {
      database = await kind.create();
      clinic = await openClinic({ STOMP_TCP_PORT: '0', ANNOUNCEMENT_DAYS: '7' }, database);
      patient = await signIn(clinic, 'patient');
      operator = await signIn(clinic, 'operator');
    });
    beforeEach(async () => {
      before = (await list()).body.cursor;
    });
    afterEach(() => Promise.all(connections.splice(0).map((connection) => connection.close())));
    afterAll(async () => {
      await clinic.close();
      await database.drop();
    });

    const announce = (message: string, headers = {}): Promise<Answer> =>
      ask(`${clinic.url}/api/announcements`, { token: operator.token, body: { message }, headers });
    const list = (query = '') => listed<Page>(query);
    const listed = <T = Record<string, unknown>>(query: string): Promise<Answer<T>> =>
      ask<T>(`${clinic.url}/api/announcements?${query}`, { token: patient.token });
    const messages = async (query: string): Promise<string[]> =>
      (await list(query)).body.items.map(({ message }) => message);

    async function open(login: Login, openSocket?: OpenSocket): Promise<Connection> {
      const connection = await connect(clinic, login, openSocket);
      connections.push(connection);
      return connection;
    }

    it.each([
      ['WebSocket', webSocket],
      ['SockJS’s xhr-streaming', xhrStreaming],
      ['TCP', tcp],
    ])('come over %s to whoever was away, once, and then live', async (_, openSocket) => {
      await announce('one');
      await announce('two');

      const heard = await (await open(patient, openSocket)).subscribe(TOPIC, { since: before });

      expect(await heard.next()).toMatchObject({
        type: 'resume',
        body: { verdict: 'complete', from: before },
      });
      for (const message of ['one', 'two'])
        expect(await heard.next()).toMatchObject({
          type: 'announcement',
          replayed: 'true',
          body: { message },
        });
      await announce('three');
      expect(await heard.next()).toMatchObject({ replayed: undefined, body: { message: 'three' } });
    });

    it('come as events with ids, and go on after the last of them', async () => {
      await announce('one');
      const path = `/api/events?topic=${TOPIC}`;
      const first = await eventsOf(`${path}&since=${before}`, {}, 3);
      expect(first.map(({ event }) => event)).toEqual(['connected', 'resume', 'announcement']);
      await announce('two');

      const rest = await eventsOf(path, { 'Last-Event-ID': first[2]!.id! }, 3);

      expect(rest[1]).toMatchObject({ event: 'resume', id: first[2]!.id });
      expect(JSON.parse(rest[1]!.data!)).toMatchObject({ verdict: 'complete' });
      expect(JSON.parse(rest[2]!.data!)).toMatchObject({ message: 'two' });
    });

    it('tell the first reader of a stream from where to go on', async () => {
      const [connected] = await eventsOf(`/api/events?topic=${TOPIC}`, {}, 1);

      expect(connected).toMatchObject({ event: 'connected', id: before });
    });

    it('are listed in pages, both ways, with the cursor of every transport', async () => {
      for (const message of ['one', 'two', 'three']) await announce(message);

      const { items, next, cursor } = (await list(`after=${before}&limit=2`)).body;
      expect(items.map(({ message }) => message)).toEqual(['one', 'two']);
      expect(next).toBe(items[1]!.cursor);
      expect(await messages(`after=${next}`)).toEqual(['three']);
      expect(await messages('limit=2')).toEqual(['three', 'two']);
      expect(await messages(`before=${items[1]!.cursor}&limit=1`)).toEqual(['one']);
      const heard = await (await open(patient)).subscribe(TOPIC, { since: cursor });
      expect(await heard.next()).toMatchObject({ body: { verdict: 'complete', from: cursor } });
    });

    it.each([
      ['after=elsewhere:1', 410, 'cursor_reset'],
      ['after=nonsense', 400, 'invalid_request'],
      ['limit=0', 400, 'invalid_request'],
    ])('are not listed ?%s', async (query, status, code) => {
      expect(problemOf(await listed(query))).toEqual({ status, code });
    });

    it('are kept when an operator sends one by STOMP, before its RECEIPT', async () => {
      await (await open(operator)).send(TOPIC, { message: 'by hand' });

      expect(await messages(`after=${before}`)).toEqual(['by hand']);
    });

    it('are not sent by anybody else', async () => {
      const connection = await open(patient);
      void connection.send(TOPIC, { message: 'Free cake' });

      expect(await connection.failed).toMatchObject({ code: 'forbidden' });
      expect(await messages(`after=${before}`)).toEqual([]);
    });

    it('are made once for one Idempotency-Key', async () => {
      const key = { 'Idempotency-Key': crypto.randomUUID() };
      const [first, again] = [await announce('once', key), await announce('once', key)];

      expect([first.status, again.status]).toEqual([202, 202]);
      expect(again.headers.get('Idempotency-Replayed')).toBe('true');
      expect(problemOf(await announce('twice', key))).toEqual({ status: 409, code: 'idempotency_conflict' });
      expect(await messages(`after=${before}`)).toEqual(['once']);
    });

    it('are settled by ACK', async () => {
      const connection = await open(patient);
      const heard = await connection.subscribe(TOPIC, { ack: 'client-individual', 'prefetch-count': '1' });
      await announce('one');
      await announce('two');

      await connection.ack(await heard.next());

      expect(await heard.next()).toMatchObject({ body: { message: 'two' } });
    });

    it('go after their days, and who comes from before is told', async () => {
      await announce('old');
      await clinic.application
        .get(Store)
        .write(({ manager }) =>
          manager.query('update kept_message set created_at = $1', [Date.now() - 8 * DAY_MS]),
        );
      await announce('new');
      await clinic.application.get(SqlTopicStore).prune();

      expect(await messages('')).toEqual(['new']);
      expect(problemOf(await listed(`after=${before}`))).toEqual({ status: 410, code: 'cursor_reset' });
      const heard = await (await open(patient)).subscribe(TOPIC, { since: before });
      expect(await heard.next()).toMatchObject({ body: { verdict: 'reset', reason: 'pruned' } });
    });

    /** The first so many events of a stream. */
    async function eventsOf(
      path: string,
      headers: Readonly<Record<string, string>>,
      count: number,
    ): Promise<Partial<Record<'id' | 'event' | 'data', string>>[]> {
      const cut = new AbortController();
      const authorization = { Authorization: `Bearer ${patient.token}` };
      const response = await fetch(clinic.url + path, {
        headers: { ...authorization, ...headers },
        signal: cut.signal,
      });
      let text = '';
      for await (const chunk of response.body!) {
        text += Buffer.from(chunk as Uint8Array).toString();
        if (text.split('\n\n').length > count) break;
      }
      cut.abort();
      return text
        .split('\n\n')
        .slice(0, count)
        .map((event) => {
          const fields = event.split('\n').map((line) => line.split(/: (.*)/s));
          return Object.fromEntries(fields.map(([name = '', value = '']): [string, string] => [name, value]));
        });
    }
  });
}
