import { Client, type IMessage } from '@stomp/stompjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { postgres, type FreshDatabase } from '../databases.js';
import { startServer, stopServers, type RunningServer } from '../server.js';

const QUEUE = '/queue/orders';

const clients: Client[] = [];
let database: FreshDatabase;

/** Of a message as a consumer saw it. */
interface Seen {
  readonly body: string;
  readonly isAgain: boolean;
  readonly count: number;
  ack(): void;
  nack(): void;
}

describe.skipIf(!postgres.isHere)(`a queue of two nodes on ${postgres.name}`, () => {
  beforeEach(async () => {
    database = await postgres.create();
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.deactivate({ force: true })));
    await stopServers();
    await database.drop();
  });

  it('brings what is sent on one node to a consumer on the other', async () => {
    const [here, there] = await startTwo();
    const consumer = await consume(there);

    await send(here, ['1', '2', '3']);

    expect(bodies(await consumer.first(3))).toEqual(['1', '2', '3']);
  });

  it('is heard of by the relay: nobody needs to look', async () => {
    const [here, there] = await startTwo({
      LIMIT_QUEUE_LOOK_MS: '3600000',
      LIMIT_QUEUE_LOOK_TROUBLE_MS: '3600000',
    });
    const consumer = await consume(there, { prefetch: 1, take: (one) => one.ack() });

    await send(here, ['1', '2', '3']);

    expect(bodies(await consumer.first(3))).toEqual(['1', '2', '3']);
  });

  it('gives each of 50 stored messages to one of the consumers on both, once', async () => {
    const [here, there] = await startTwo();
    const all = Array.from({ length: 50 }, (_, i) => `${i}`);
    await send(here, all);

    const seen: Seen[] = [];
    let look = (): void => {};
    const take = (one: Seen): void => {
      one.ack();
      seen.push(one);
      look();
    };
    await Promise.all([here, there].map((node) => consume(node, { take })));
    const until = (count: number): Promise<void> =>
      new Promise((resolve) => {
        look = () => seen.length >= count && resolve();
        look();
      });
    await until(all.length);

    // What comes twice would come before what is sent now.
    await send(there, ['end']);
    await until(all.length + 1);
    expect(bodies(seen).toSorted()).toEqual([...all, 'end'].toSorted());
    expect(seen.filter(({ isAgain }) => isAgain)).toEqual([]);
  });

  it('brings what a node held that is killed to the other, as redelivered', async () => {
    const [here, there] = await startTwo();
    const holder = await consume(here, { prefetch: 5 });
    await send(
      here,
      Array.from({ length: 20 }, (_, i) => `${i}`),
    );
    const held = await holder.first(5);
    const heir = await consume(there, { prefetch: 100 });

    here.kill('SIGKILL');

    const got = await heir.first(20);
    expect(bodies(got).toSorted()).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`).toSorted());
    const again = got.filter(({ isAgain }) => isAgain).map(({ body }) => body);
    expect(again).toEqual(expect.arrayContaining(bodies(held)));
  });

  it('delivers nothing twice without saying so, where a node stood still and was taken for dead', async () => {
    const [here, there] = await startTwo();
    const sleeper = await consume(here, { prefetch: 5 });
    await send(
      here,
      Array.from({ length: 40 }, (_, i) => `${i}`),
    );
    const before = await sleeper.first(5);
    const heir = await consume(there, { prefetch: 100, take: (one) => one.ack() });

    here.kill('SIGSTOP');
    const got = await heir.first(40);
    here.kill('SIGCONT');
    // Its settlements come too late: they say nothing of what is another's by now.
    before.forEach((one) => one.ack());
    await send(there, ['end']);
    await heir.first(41);

    const fresh = [...sleeper.seen, ...heir.seen].filter(({ isAgain }) => !isAgain).map(({ body }) => body);
    expect(new Set(fresh).size).toBe(fresh.length);
    expect(new Set(bodies(got)).size).toBe(40);
  });

  it('buries what nobody settles after ten deliveries, wherever they were', async () => {
    const [here, there] = await startTwo();
    const deliveries: number[] = [];
    const take = (one: Seen): void => {
      deliveries.push(one.count);
      one.nack();
    };
    await consume(here, { take });
    await consume(there, { take });
    const letters = await consume(there, { queue: '/queue/dlq/orders' });

    await send(here, ['poison']);

    expect(bodies(await letters.first(1))).toEqual(['poison']);
    expect(deliveries).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('has back at once what a node held that is stopped', async () => {
    const [here, there] = await startTwo();
    const holder = await consume(here, { prefetch: 1 });
    await send(here, ['1', '2', '3']);
    await holder.first(1);

    here.kill('SIGTERM');
    expect((await here.ended).code).toBe(0);
    const heir = await consume(there, { prefetch: 10 });

    expect((await heir.first(3)).map(({ body, isAgain }) => [body, isAgain])).toEqual([
      ['1', true],
      ['2', false],
      ['3', false],
    ]);
  });

  it('is taken from by the other node while the only consumer of one refuses', async () => {
    const [here, there] = await startTwo();
    await consume(here, { take: (one) => one.nack() });
    await send(here, ['1']);
    const willing = await consume(there, { prefetch: 10 });

    expect(bodies(await willing.first(1))).toEqual(['1']);
  });

  it('is counted by the metrics of each node', async () => {
    const [here, there] = await startTwo();
    const holder = await consume(here, { prefetch: 5 });
    await send(there, ['1', '2']);
    await holder.first(2);

    const metrics = await metricsOf(here.url);

    expect(metrics).toMatch(/^carillon_nodes 2$/m);
    expect(metrics).toMatch(/^carillon_queue_claimed 2$/m);
    expect(metrics).toMatch(/^carillon_queue_claims_total [12]$/m);
    expect(metrics).toMatch(/^carillon_queue_leases_lost_total 0$/m);
  });
});

/** Two that know of each other. */
async function startTwo(
  settings: Readonly<Record<string, string>> = {},
): Promise<[RunningServer, RunningServer]> {
  const environment = {
    DATABASE_URL: database.url,
    JWT_SECRET: 'x'.repeat(32),
    LIMIT_REFRESH_MS: '1',
    ...settings,
  };
  const two: [RunningServer, RunningServer] = [
    await startServer({ environment }),
    await startServer({ environment }),
  ];
  for (const { url } of two) while (!/^carillon_nodes 2$/m.test(await metricsOf(url)));
  return two;
}

async function metricsOf(url: string): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}

class Consumer {
  readonly seen: Seen[] = [];
  #look: () => void = () => {};

  constructor(
    readonly client: Client,
    private readonly take: (one: Seen) => void,
  ) {}

  deliver(message: IMessage): void {
    const one: Seen = {
      body: message.body,
      isAgain: message.headers['redelivered'] === 'true',
      count: Number(message.headers['delivery-count'] ?? 0),
      ack: () => message.ack(),
      nack: () => message.nack(),
    };
    this.seen.push(one);
    this.take(one);
    this.#look();
  }

  /** Resolves when it has seen so many different ones. */
  first(count: number): Promise<Seen[]> {
    return new Promise((resolve) => {
      this.#look = () => {
        if (new Set(bodies(this.seen)).size >= count) resolve([...this.seen]);
      };
      this.#look();
    });
  }
}

async function consume(
  server: RunningServer,
  { queue = QUEUE, prefetch = 100, take = () => {} }: ConsumerOptions = {},
): Promise<Consumer> {
  const client = await connect(server);
  const consumer = new Consumer(client, take);
  await receipted(client, (receipt) =>
    client.subscribe(queue, (message) => consumer.deliver(message), {
      ack: 'client-individual',
      'prefetch-count': `${prefetch}`,
      receipt,
    }),
  );
  return consumer;
}

interface ConsumerOptions {
  readonly queue?: string;
  readonly prefetch?: number;
  readonly take?: (one: Seen) => void;
}

/** Resolves when all of them are stored. */
async function send(server: RunningServer, all: readonly string[]): Promise<void> {
  const client = await connect(server);
  const stored = all.map((body) =>
    receipted(client, (receipt) => client.publish({ destination: QUEUE, body, headers: { receipt } })),
  );
  await Promise.all(stored);
  await client.deactivate();
}

let receipts = 0;

function receipted(client: Client, act: (receipt: string) => void): Promise<void> {
  const receipt = `r-${++receipts}`;
  return new Promise((resolve) => {
    client.watchForReceipt(receipt, () => resolve());
    act(receipt);
  });
}

function bodies(seen: readonly Seen[]): string[] {
  return seen.map(({ body }) => body);
}

function connect({ url }: RunningServer): Promise<Client> {
  const client = new Client({
    webSocketFactory: () => new WebSocket(`${url.replace('http', 'ws')}/stomp`, ['v12.stomp']),
    connectHeaders: { login: 'operator@example.org', passcode: 'carillon' },
    reconnectDelay: 0,
    // A node that stands still isn't to be left.
    heartbeatIncoming: 0,
    heartbeatOutgoing: 0,
  });
  clients.push(client);
  return new Promise((resolve, reject) => {
    client.onConnect = () => resolve(client);
    client.onStompError = ({ headers }) => reject(new Error(headers['message']));
    client.activate();
  });
}
