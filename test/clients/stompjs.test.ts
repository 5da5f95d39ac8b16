import { once } from 'node:events';
import type { Client, IMessage, IStompSocket, StompConfig } from '@stomp/stompjs';
import SockJS from 'sockjs-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startBroker, type RunningBroker } from './broker.js';
import { isInstalled } from './installed.js';

type StompJs = typeof import('@stomp/stompjs');
type Settings = Pick<StompConfig, 'stompVersions' | 'splitLargeFrames' | 'webSocketFactory'>;

/** Stock releases under their names here; their interfaces agree in all that is used. */
const releases = [
  ['@stomp/stompjs 7', '@stomp/stompjs'],
  ['@stomp/stompjs 6', 'stompjs6'],
  ['@stomp/stompjs 5', 'stompjs5'],
] as const;

for (const [name, module] of releases) {
  const isThere = isInstalled(module);
  describe.skipIf(!isThere)(isThere ? name : `${name} (the package ${module} is not installed)`, () => {
    let broker: RunningBroker;
    let stompJs: StompJs;
    const clients: Client[] = [];
    beforeAll(async () => {
      broker = await startBroker();
      stompJs = (await import(module)) as StompJs;
    });
    afterAll(() => broker.stop());
    afterEach(() => Promise.all(clients.splice(0).map((client) => client.deactivate())));

    /** Connects a stock client over WebSocket, unless its settings say how else. */
    async function connect(settings: Settings = {}): Promise<Client> {
      const client = new stompJs.Client({
        // The global WebSocket of browsers, as node 20 has none.
        webSocketFactory: () => new WebSocket(broker.webSocketUrl, ['v12.stomp', 'v11.stomp', 'v10.stomp']),
        connectHeaders: { login: 'ada', passcode: 'x' },
        reconnectDelay: 0,
        ...settings,
      });
      clients.push(client);
      await new Promise<void>((resolve) => {
        client.onConnect = () => resolve();
        client.activate();
      });
      return client;
    }

    it.each(['1.0', '1.1', '1.2'])('speaks STOMP %s', async (version) => {
      const client = await connect({ stompVersions: new stompJs.Versions([version]) });
      const inbox = subscribed(client, `/topic/${version}`);

      client.publish({ destination: `/topic/${version}`, body: 'grün ✓', headers: { colour: 'red' } });

      const message = await inbox.next();
      expect(client.connectedVersion).toBe(version);
      expect(message.body).toBe('grün ✓');
      expect(message.headers['colour']).toBe('red');
    });

    it('reads headers with colons, newlines and backslashes as they were written', async () => {
      const client = await connect();
      const inbox = subscribed(client, '/topic/escapes');

      client.publish({ destination: '/topic/escapes', headers: { note: 'a:b\nc\\d\r' } });

      expect((await inbox.next()).headers['note']).toBe('a:b\nc\\d\r');
    });

    it('gets a receipt when its message is stored', async () => {
      const client = await connect();

      const receipt = new Promise((resolve) => client.watchForReceipt('stored', resolve));
      client.publish({ destination: '/queue/receipts', headers: { receipt: 'stored' } });

      await receipt;
    });

    it('carries binary bodies', async () => {
      const client = await connect();
      const inbox = subscribed(client, '/topic/binary');
      const octets = Uint8Array.from({ length: 256 }, (_, i) => i);

      client.publish({ destination: '/topic/binary', binaryBody: octets });

      expect([...(await inbox.next()).binaryBody]).toEqual([...octets]);
    });

    it('carries a body of 1023 KiB, in one WebSocket message or in many', async () => {
      const body = 'x'.repeat(1023 * 1024);
      for (const splitLargeFrames of [false, true]) {
        const client = await connect({ splitLargeFrames });
        const inbox = subscribed(client, '/topic/large');

        client.publish({ destination: '/topic/large', body });

        expect((await inbox.next()).body.length).toBe(body.length);
        await client.deactivate();
      }
    });

    it('settles messages of a queue: what it refuses comes again, what it accepts does not', async () => {
      const client = await connect();
      const inbox = subscribed(client, '/queue/settled', { ack: 'client-individual' });
      client.publish({ destination: '/queue/settled', body: '1' });

      (await inbox.next()).nack();
      const again = await inbox.next();
      expect(again.headers['redelivered']).toBe('true');
      again.ack();
      client.publish({ destination: '/queue/settled', body: '2' });

      expect((await inbox.next()).body).toBe('2');
    });

    it('sends and settles in transactions', async () => {
      const client = await connect();
      const inbox = subscribed(client, '/topic/transactions');

      for (const verdict of ['abort', 'commit'] as const) {
        const transaction = client.begin();
        client.publish({
          destination: '/topic/transactions',
          body: verdict,
          headers: { transaction: transaction.id },
        });
        transaction[verdict]();
      }

      expect((await inbox.next()).body).toBe('commit');
    });

    it.each(['websocket', 'xhr-streaming', 'xhr-polling'])('works over SockJS, %s', async (transport) => {
      const client = await connect({
        webSocketFactory: () =>
          new SockJS(broker.sockJsUrl, undefined, { transports: [transport] }) as IStompSocket,
      });
      const inbox = subscribed(client, `/topic/sockjs-${transport}`);

      client.publish({ destination: `/topic/sockjs-${transport}`, body: 'grün ✓' });

      expect((await inbox.next()).body).toBe('grün ✓');
    });

    it('can tell from an ERROR that trying again is of no use', async () => {
      const client = await connect();
      const error = new Promise<Record<string, string>>((resolve) => {
        client.onStompError = ({ headers }) => resolve(headers);
      });
      const closed = new Promise<{ code: number }>((resolve) => (client.onWebSocketClose = resolve));

      client.publish({ destination: '/nowhere', headers: { receipt: 'r' } });

      expect(await error).toMatchObject({
        code: 'unknown_destination',
        retryable: 'false',
        'receipt-id': 'r',
      });
      expect((await closed).code).toBe(4404);
    });

    it('says goodbye and is told that all was received', async () => {
      const client = await connect();
      const closed = new Promise<{ code: number }>((resolve) => (client.onWebSocketClose = resolve));

      await client.deactivate();

      expect((await closed).code).toBe(1000);
    });

    it('works through the old interface of Stomp.over', async () => {
      const socket = new WebSocket(broker.webSocketUrl, ['v12.stomp']);
      const client = stompJs.Stomp.over(() => socket);
      client.debug = () => {};
      client.reconnect_delay = 0;
      await new Promise<void>((resolve) => client.connect('ada', 'x', () => resolve()));
      const message = new Promise<IMessage>((resolve) => client.subscribe('/topic/old', resolve));

      client.send('/topic/old', { colour: 'red' }, 'hello');

      expect((await message).body).toBe('hello');
      const closed = once(socket, 'close');
      client.disconnect(() => {});
      await closed;
    });
  });
}

interface Inbox {
  next(): Promise<IMessage>;
}

/** What a subscription gets, in order. */
function subscribed(client: Client, destination: string, headers: Record<string, string> = {}): Inbox {
  const messages: IMessage[] = [];
  let wake = (): void => {};
  client.subscribe(
    destination,
    (message) => {
      messages.push(message);
      wake();
    },
    headers,
  );
  return {
    next: async () => {
      for (;;) {
        const message = messages.shift();
        if (message) return message;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
