import { Client, type IMessage } from '@stomp/stompjs';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { postgres, sqlite, type FreshDatabase } from '../databases.js';
import { startServer, stopServers, type RunningServer } from '../server.js';

const QUEUE = '/queue/orders';
const SENDS = 3_000;
/** Enough that the kill comes in the middle of the stream, and not at its end. */
const RECEIPTS_BEFORE_KILL = 400;

const clients: Client[] = [];
let database: FreshDatabase | undefined;

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.deactivate({ force: true })));
  await stopServers();
  await database?.drop();
  database = undefined;
});

describe.each([sqlite, postgres])('a process that is killed while it stores messages', (kind) => {
  it.skipIf(!kind.isHere)(`on ${kind.name} has every message that it gave a RECEIPT for, once`, async () => {
    database = await kind.create();
    const environment = { DATABASE_URL: database.url };
    const server = await startServer({ environment });
    const receipted = await sendUntilKilled(server);
    expect(receipted.size).toBeGreaterThanOrEqual(RECEIPTS_BEFORE_KILL);
    expect(receipted.size).toBeLessThan(SENDS);

    const again = await startServer({ directory: server.directory, environment });
    const found = await consumeAll(again);

    expect(new Set(found).size).toBe(found.length);
    expect([...receipted].filter((body) => !found.includes(body))).toEqual([]);
    // In the order in which they were sent, also those whose RECEIPT was on its way.
    expect(found.map(Number)).toEqual([...found].map(Number).toSorted((a, b) => a - b));
  });
});

async function sendUntilKilled(server: RunningServer): Promise<Set<string>> {
  const receipted = new Set<string>();
  const client = await connect(server);
  client.onUnhandledReceipt = ({ headers }) => {
    receipted.add(headers['receipt-id'] ?? '');
    if (receipted.size === RECEIPTS_BEFORE_KILL) server.kill('SIGKILL');
  };
  for (let i = 0; i < SENDS; i++) {
    client.publish({ destination: QUEUE, body: `${i}`, headers: { receipt: `${i}` } });
  }
  await server.ended;
  return receipted;
}

/** Everything in the queue: what is sent last, from here, says that all before it has come. */
async function consumeAll(server: RunningServer): Promise<string[]> {
  const found: string[] = [];
  const client = await connect(server);
  const end = new Promise<void>((resolve) => {
    const take = (message: IMessage): void => {
      message.ack();
      if (message.body === 'end') resolve();
      else found.push(message.body);
    };
    client.subscribe(QUEUE, take, { ack: 'client-individual' });
  });
  client.publish({ destination: QUEUE, body: 'end' });
  await end;
  return found;
}

function connect({ url }: RunningServer): Promise<Client> {
  const client = new Client({
    webSocketFactory: () => new WebSocket(`${url.replace('http', 'ws')}/stomp`, ['v12.stomp']),
    connectHeaders: { login: 'operator@example.org', passcode: 'carillon' },
    reconnectDelay: 0,
  });
  clients.push(client);
  return new Promise((resolve, reject) => {
    client.onConnect = () => resolve(client);
    client.onStompError = ({ headers }) => reject(new Error(headers['message']));
    client.activate();
  });
}
