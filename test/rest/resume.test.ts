import { Client, type IMessage } from '@stomp/stompjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ask, openClinic, signIn, type Clinic, type Login } from './clinic.js';

let clinic: Clinic;
let patient: Login;
let operator: Login;
const clients: Client[] = [];

beforeAll(async () => {
  clinic = await openClinic();
  patient = await signIn(clinic, 'patient');
  operator = await signIn(clinic, 'operator');
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.deactivate({ force: true })));
  await clinic.close();
});

describe('who comes back', () => {
  it('over STOMP with his cursor gets the verdict, what he missed, and then what is new', async () => {
    const first = await notify('one');
    await notify('two');
    const stream = await subscribe({ since: first.cursor });

    expect(await stream.next()).toMatchObject({
      type: 'resume',
      body: { verdict: 'complete', from: first.cursor },
    });
    expect(await stream.next()).toMatchObject({ replayed: 'true', body: { message: 'two' } });

    await notify('three');
    expect(await stream.next()).toMatchObject({ replayed: undefined, body: { message: 'three' } });
  });

  it('over SSE with Last-Event-ID gets the same, with the same cursor', async () => {
    const first = await notify('four');
    const second = await notify('five');
    const stream = await fetch(`${clinic.url}/api/notifications/stream`, {
      headers: { authorization: `Bearer ${patient.token}`, 'last-event-id': first.cursor },
    });

    const text = await readUntil(stream, 'five');

    expect(text).toContain(`id: ${first.cursor}\nevent: connected\n`);
    expect(text).toMatch(/event: resume\ndata: \{"verdict":"complete"/);
    expect(text).toContain(`id: ${second.cursor}\nevent: notification\ndata: {"id":${second.id},`);
  });

  it('with a position that can’t be served is told to reload', async () => {
    const stream = await subscribe({ since: 'elsewhere:3' });

    expect(await stream.next()).toMatchObject({ body: { verdict: 'reset', reason: 'unknown_epoch' } });
  });

  it('over SSE with such a position is given no other one before he is told', async () => {
    const stream = await fetch(`${clinic.url}/api/notifications/stream`, {
      headers: { authorization: `Bearer ${patient.token}`, 'last-event-id': 'elsewhere:3' },
    });

    const text = await readUntil(stream, '"verdict"');

    // A browser that is cut between the two comes back with its old position, and is told again.
    expect(text).toMatch(/^retry: 3000\n\nevent: connected\ndata: .*\n\nid: [\w-]+:\d+\nevent: resume\n/);
    expect(text).toContain('data: {"verdict":"reset","reason":"unknown_epoch","from":"elsewhere:3"');
  });

  it('and acknowledges over STOMP has it noted as delivered', async () => {
    const stream = await subscribe({ ack: 'client-individual' });
    const sent = await notify('six');

    const message = await stream.next();
    const settled = stream.receipt('settled');
    message.frame.ack({ receipt: 'settled' });
    await settled;

    const { body } = await ask(`${clinic.url}/api/notifications?limit=1`, { token: patient.token });
    expect(body).toMatchObject({
      items: [{ id: sent.id, deliveredAt: expect.stringMatching(/Z$/) as string }],
    });
  });
});

async function notify(message: string): Promise<{ id: number; cursor: string }> {
  const { body } = await ask(`${clinic.url}/api/notifications`, {
    token: operator.token,
    body: { userId: patient.user.id, message },
  });
  return body as { id: number; cursor: string };
}

interface Heard {
  readonly frame: IMessage;
  readonly type: string | undefined;
  readonly replayed: string | undefined;
  readonly body: unknown;
}

async function subscribe(headers: Record<string, string>) {
  const heard: Heard[] = [];
  const waiting: ((heard: Heard) => void)[] = [];
  const client = new Client({
    webSocketFactory: () => new WebSocket(`${clinic.url.replace('http', 'ws')}/stomp`, ['v12.stomp']),
    connectHeaders: { Authorization: `Bearer ${patient.token}` },
    reconnectDelay: 0,
  });
  clients.push(client);
  const receipt = (id: string): Promise<void> =>
    new Promise((resolve) => client.watchForReceipt(id, () => resolve()));
  await new Promise<void>((resolve) => {
    client.onConnect = () => resolve();
    client.activate();
  });
  const subscribed = receipt('subscribed');
  client.subscribe(
    '/user/queue/notifications',
    (frame) => {
      const one = {
        frame,
        type: frame.headers['event-type'],
        replayed: frame.headers['replayed'],
        body: JSON.parse(frame.body) as unknown,
      };
      const waiter = waiting.shift();
      if (waiter) waiter(one);
      else heard.push(one);
    },
    { ...headers, receipt: 'subscribed' },
  );
  await subscribed;
  const next = (): Promise<Heard> => {
    const one = heard.shift();
    return one ? Promise.resolve(one) : new Promise((resolve) => waiting.push(resolve));
  };
  return { next, receipt };
}

async function readUntil(response: Response, wanted: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.includes(wanted) && text.endsWith('\n\n')) break;
  }
  return text;
}
