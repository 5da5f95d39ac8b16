import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Client, type IFrame } from '@stomp/stompjs';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { MAPPINGS } from '../../src/library/nest/decorators.js';
import { ask, newPatient, openClinic, signIn, type Clinic, type Login } from './clinic.js';
import { danglingReferences, faultsOf, type Described, type Schema } from './json-schema.js';

interface Document extends Described {
  readonly channels: Readonly<Record<string, Channel>>;
  readonly operations: Readonly<Record<string, { readonly action: string }>>;
  readonly components: Described['components'] & { readonly messages: Readonly<Record<string, Message>> };
}

interface Channel {
  readonly address: string | null;
  readonly messages: Readonly<Record<string, unknown>>;
  readonly parameters?: Readonly<Record<string, { readonly enum?: readonly string[] }>>;
}

interface Message {
  readonly headers?: Schema;
  readonly payload?: Schema;
}

/** A frame or an event, as it came. */
interface Heard {
  readonly headers: object;
  readonly body: string;
}

let clinic: Clinic;
let document: Document;
let patient: Login;
let operator: Login;
const clients: Client[] = [];

beforeAll(async () => {
  clinic = await openClinic({ LIMIT_DASHBOARD_MS: '50' });
  document = (await ask<Document>(`${clinic.url}/api/asyncapi.json`)).body;
  patient = await newPatient(clinic);
  operator = await signIn(clinic, 'operator');
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.deactivate({ force: true })));
  await clinic.close();
});

describe('the AsyncAPI document', () => {
  it('has every @MessageMapping, and no other', () => {
    const documented = Object.values(document.channels).flatMap(({ address, parameters = {} }) => {
      const [[name, { enum: values = [`{${name}}`] }] = ['', {}]] = Object.entries(parameters);
      return address?.startsWith('/app/') ? values.map((value) => address.replace(`{${name}}`, value)) : [];
    });

    expect(
      documented.toSorted(),
      'A mapping and its row in src/clinic/contract/channels.ts come and go together',
    ).toEqual(mappings().toSorted());
  });

  it('refers to nothing that is not there', () => {
    expect(danglingReferences(document)).toEqual([]);
  });
});

describe('what the AsyncAPI document says of messages', () => {
  it('holds of the connection itself', async () => {
    const heard: Heard[] = [];
    const client = await connect(patient, (frame) => heard.push(frame));

    heard.push(await subscribe(client, '/topic/announcements', {}, () => undefined));
    const failed = new Promise<IFrame>((resolve) => (client.onStompError = resolve));
    client.subscribe('/topic/secret', () => undefined);
    heard.push(await failed);

    expectDescribed('connection', heard);
  });

  it('holds of notifications, replayed and live', async () => {
    const heard = new Mailbox();
    await notify('First');
    const client = await connect(patient);

    await subscribe(client, '/user/queue/notifications', { since: 'earliest', ack: 'client' }, heard.put);
    await notify('Second');

    expectDescribed('notifications', await heard.take(3));
  });

  it('holds of the inbox, told of rows and of marks', async () => {
    const heard = new Mailbox();
    const client = await connect(patient);
    await subscribe(client, '/user/queue/inbox', {}, heard.put);

    await notify('Third');
    const [added] = await heard.take(1);
    client.publish({ destination: '/app/notifications.read', body: '{"ids":[1]}' });
    const [marked] = await heard.take(1);
    const { body } = await ask(`${clinic.url}/api/notifications`, { token: patient.token });
    const upTo = JSON.stringify({ upTo: body['cursor'], filter: 'unread' });
    client.publish({ destination: '/app/notifications.seen', body: upTo });
    const [shown] = await heard.take(1);

    expectDescribed('inbox', [added!, marked!, shown!]);
    expectDescribed('marks', [
      { headers: {}, body: '{"ids":[1]}' },
      { headers: {}, body: upTo },
    ]);
  });

  it('holds of conversations: their events, their log, and what is sent to them', async () => {
    const heard = new Mailbox();
    const logged = new Mailbox();
    const doctor = await signIn(clinic, 'doctor');
    const client = await connect(patient);
    const other = await connect(doctor);
    const { body } = await ask<{ id: number }>(`${clinic.url}/api/conversations`, {
      token: doctor.token,
      body: { memberIds: [patient.user.id] },
    });
    const path = `/app/conversations/${body.id}`;
    await subscribe(client, '/user/queue/conversations', {}, heard.put);
    await subscribe(
      client,
      `/topic/conversations.${body.id}`,
      { since: 'earliest', ack: 'client' },
      logged.put,
    );

    const said = JSON.stringify({ text: 'Hello', clientId: 'c' });
    other.publish({ destination: `${path}/typing-start` });
    other.publish({ destination: `${path}/message`, body: said });
    const [resume, message] = await logged.take(2);
    client.ack(String((message!.headers as IFrame['headers'])['ack']), '1');
    const events = await heard.takeUntil(['conversation-updated', 'messages-delivered']);
    client.publish({ destination: `${path}/read`, body: '{"upTo":1}' });
    events.push(...(await heard.takeUntil(['messages-read'])));
    await ask(`${clinic.url}/api/conversations/${body.id}`, { token: doctor.token, method: 'DELETE' });
    events.push(...(await heard.takeUntil(['conversation-deleted'])));

    expectDescribed('conversation', [resume!, message!]);
    expectDescribed('conversations', events);
    expectDescribed('toConversation', [{ headers: {}, body: said }]);
  });

  it('holds of errors', async () => {
    const heard = new Mailbox();
    const client = await connect(patient);
    await subscribe(client, '/user/queue/errors', {}, heard.put);

    client.publish({ destination: '/app/notifications.read', body: '{}', headers: { receipt: 'r' } });

    expectDescribed('errors', await heard.take(1));
  });

  it('holds of announcements, over STOMP and as events', async () => {
    const heard = new Mailbox();
    const client = await connect(patient);
    await subscribe(client, '/topic/announcements', { since: 'earliest' }, heard.put);
    const events = await listen('/api/events?topic=/topic/announcements&since=earliest');

    await ask(`${clinic.url}/api/announcements`, { token: operator.token, body: { message: 'Ding' } });

    expectDescribed('announcements', await heard.take(2));
    expectDescribed('topicStream', await events.take(3));
  });

  it('holds of JSON sockets, and of channels', async () => {
    const [events, said] = [new Mailbox(), new Mailbox()];
    const sockets = [openSocket('/notifications', events), openSocket('/ws/notifications', said)] as const;
    const greetings = await Promise.all([events.take(1), said.take(1)]);
    const asked = JSON.stringify({ action: 'subscribe', event_type: '*' });
    sockets[0].send(asked);
    const subscribed = await events.take(1);

    await notify('Fourth');

    expectDescribed('socket', [...greetings[0], ...subscribed, ...(await events.take(1))]);
    expectDescribed('toSocket', [{ headers: {}, body: asked }]);
    expectDescribed('ownChannel', [...greetings[1], ...(await said.take(1))]);
    sockets.forEach((socket) => socket.terminate());
  });

  it('holds of Socket.IO', async () => {
    const heard = new Mailbox();
    await notify('Fifth');
    const doctor = await signIn(clinic, 'doctor');
    // A login of its own, which ends here.
    const guest = await newPatient(clinic);
    await ask(`${clinic.url}/api/notifications`, {
      token: operator.token,
      body: { userId: guest.user.id, message: 'Ding' },
    });
    const here = emitter(guest.token, { since: 'earliest' });
    here.onAny((event: string, body: unknown) =>
      heard.put({ headers: { event }, body: JSON.stringify(body) }),
    );
    const there = emitter(doctor.token);
    await Promise.all(
      [here, there].map((socket) => new Promise<void>((resolve) => socket.once('connect', resolve))),
    );
    const { body } = await ask<{ id: number }>(`${clinic.url}/api/conversations`, {
      token: doctor.token,
      body: { memberIds: [guest.user.id] },
    });

    const emissions: readonly (readonly [string, unknown])[] = [
      ['join-conversation', body.id],
      ['typing-start', body.id],
      ['typing-stop', body.id],
      ['send-message', { conversationId: body.id, text: 'Hello', clientId: 'c' }],
      ['mark-read', { conversationId: body.id, upTo: 1 }],
      ['leave-conversation', body.id],
    ];
    for (const [event, value] of emissions)
      expect([event, await there.timeout(20_000).emitWithAck(event, value)]).toEqual([event, { ok: true }]);
    here.emit('typing-start', body.id + 1_000);
    await ask(`${clinic.url}/api/conversations/${body.id}/delivered`, {
      token: guest.token,
      body: { upTo: 1 },
    });
    await ask(`${clinic.url}/api/conversations/${body.id}/read`, {
      token: guest.token,
      method: 'PATCH',
      body: {},
    });
    const events = await heard.takeUntil([
      'refused',
      'messages-delivered',
      'conversation-updated',
      'messages-read',
    ]);
    await ask(`${clinic.url}/api/conversations/${body.id}`, { token: doctor.token, method: 'DELETE' });
    events.push(...(await heard.takeUntil(['conversation-deleted'])));
    await ask(`${clinic.url}/api/auth/logout`, { token: guest.token, body: {} });
    events.push(...(await heard.takeUntil(['session-ended'])));

    expectDescribed('socketIo', events);
    expectDescribed(
      'toSocketIo',
      emissions.map(([event, value]) => ({ headers: { event }, body: JSON.stringify(value) })),
    );
    there.disconnect();
  });

  it('holds of the dashboard', async () => {
    const heard = new Mailbox();
    const client = await connect(operator);
    await subscribe(client, '/topic/dashboard-stats', {}, heard.put);

    // One more connection is another number.
    await connect(patient);

    expectDescribed('dashboardStats', await heard.take(1));
  });

  it('holds of queues, also of what comes again', async () => {
    const heard = new Mailbox();
    const client = await connect(operator);
    await subscribe(client, '/queue/letters', { ack: 'client-individual' }, heard.put);

    client.publish({ destination: '/queue/letters', body: 'Dear all' });
    const [first] = await heard.take(1);
    client.nack(String((first!.headers as IFrame['headers'])['ack']), '1');
    const [again] = await heard.take(1);

    expect(again!.headers).toMatchObject({ redelivered: 'true' });
    expectDescribed('queue', [first!, again!]);
  });

  it.each(['stream', 'streamOf'])('holds of the %s', async (name) => {
    await notify('Before');
    const address = document.channels[name]?.address ?? '';

    const events = await listen(`${address.replace('{userId}', String(patient.user.id))}?since=earliest`);

    expectDescribed(name, await events.take(3));
  });
});

/** Each is one of the channel's messages, and each of the channel's messages was among them. */
function expectDescribed(name: string, heard: readonly Heard[]): void {
  const described = Object.keys(document.channels[name]?.messages ?? {});
  const seen = heard.map((one) => {
    const faults = described.map((message) => [message, ...faultsIn(message, one)]);
    const fitting = faults.find(([, ...faults]) => faults.length === 0);
    expect(fitting, `${JSON.stringify(one)} is none of these: ${JSON.stringify(faults)}`).toBeDefined();
    return fitting?.[0];
  });

  expect([...new Set(seen)].toSorted()).toEqual(described.toSorted());
}

function faultsIn(name: string, { headers, body }: Heard): string[] {
  const message = document.components.messages[name];
  if (!message) return ['it is not described'];
  const wrongHeaders = message.headers ? faultsOf(document, message.headers, headers) : [];
  if (!message.payload || wrongHeaders.length > 0) return wrongHeaders;
  return faultsOf(document, message.payload, JSON.parse(body));
}

function mappings(): string[] {
  const discovery = clinic.application.get(DiscoveryService, { strict: false });
  const scanner = new MetadataScanner();
  const prototypes = [...discovery.getProviders(), ...discovery.getControllers()]
    .map(({ metatype }) => (metatype as { prototype?: object } | null)?.prototype)
    .filter((prototype) => prototype !== undefined);
  return [...new Set(prototypes)].flatMap((prototype) =>
    scanner.getAllMethodNames(prototype).flatMap((method) => {
      const mapped = (Reflect.getMetadata(MAPPINGS, prototype, method) ?? []) as { pattern: string }[];
      return mapped.map(({ pattern }) => `/app${pattern}`);
    }),
  );
}

async function connect(
  { token }: Login,
  connected: (frame: IFrame) => void = () => undefined,
): Promise<Client> {
  const client = new Client({
    webSocketFactory: () => new WebSocket(`${clinic.url.replace('http', 'ws')}/stomp`, ['v12.stomp']),
    connectHeaders: { Authorization: `Bearer ${token}` },
    reconnectDelay: 0,
  });
  clients.push(client);
  await new Promise<void>((resolve) => {
    client.onConnect = (frame) => {
      connected(frame);
      resolve();
    };
    client.activate();
  });
  return client;
}

/** Resolves with the RECEIPT. */
async function subscribe(
  client: Client,
  destination: string,
  headers: Readonly<Record<string, string>>,
  heard: (frame: IFrame) => void,
): Promise<IFrame> {
  const receipt = `receipt-of-${destination}`;
  const received = new Promise<IFrame>((resolve) => client.watchForReceipt(receipt, resolve));
  client.subscribe(destination, heard, { ...headers, receipt });
  return received;
}

function openSocket(path: string, mailbox: Mailbox): WebSocket {
  const socket = new WebSocket(`${clinic.url.replace('http', 'ws')}${path}?token=${patient.token}`);
  socket.on('message', (data: Buffer) => mailbox.put({ headers: {}, body: data.toString() }));
  return socket;
}

function emitter(token: string, auth: object = {}): Socket {
  return io(clinic.url, { auth: { token, ...auth }, reconnection: false, forceNew: true });
}

async function listen(path: string): Promise<Mailbox> {
  const response = await fetch(`${clinic.url}${path}`, {
    headers: { Authorization: `Bearer ${patient.token}` },
  });
  const mailbox = new Mailbox();
  void readEvents(response, mailbox.put);
  return mailbox;
}

/** The server's end of it is the stream's end. */
async function readEvents(response: Response, heard: (event: Heard) => void): Promise<void> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body!) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = Object.fromEntries(
        block.split('\n').map((line) => /^(\w+): (.*)$/.exec(line)?.slice(1) ?? ['', '']),
      ) as Record<string, string>;
      const { data, retry: _, ...headers } = fields;
      if (data !== undefined) heard({ headers, body: data });
    }
  }
}

/** What came, until somebody takes it. */
class Mailbox {
  readonly #heard: Heard[] = [];
  #look = (): void => undefined;

  readonly put = ({ headers, body }: Heard): void => {
    this.#heard.push({ headers, body });
    this.#look();
  };

  /** All that comes until each of these kinds has come. */
  async takeUntil(kinds: readonly string[]): Promise<Heard[]> {
    const taken: Heard[] = [];
    const had = (kind: string): boolean => taken.some(({ headers }) => Object.values(headers).includes(kind));
    while (!kinds.every(had)) taken.push(...(await this.take(1)));
    return taken;
  }

  take(count: number): Promise<Heard[]> {
    return new Promise((resolve) => {
      this.#look = () => {
        if (this.#heard.length < count) return;
        this.#look = () => undefined;
        resolve(this.#heard.splice(0, count));
      };
      this.#look();
    });
  }
}

async function notify(message: string): Promise<void> {
  const body = { userId: patient.user.id, message };
  expect((await ask(`${clinic.url}/api/notifications`, { token: operator.token, body })).status).toBe(201);
}
