import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask, openClinic, signIn, type Clinic, type Login } from './clinic.js';
import { connect, type Connection, type Heard, type Subscription } from './stomp.js';
import { tcp, webSocket, xhrStreaming } from './stomp-sockets.js';

let clinic: Clinic;
let patient: Login;
let operator: Login;

beforeAll(async () => {
  clinic = await openClinic({ STOMP_TCP_PORT: '0' });
  patient = await signIn(clinic, 'patient');
  operator = await signIn(clinic, 'operator');
});
afterAll(() => clinic.close());

describe.each([
  ['WebSocket', webSocket],
  ['SockJS’s xhr-streaming', xhrStreaming],
  ['TCP', tcp],
])('who comes back over %s', (_, openSocket) => {
  const connections: Connection[] = [];
  afterEach(() => Promise.all(connections.splice(0).map((connection) => connection.close())));

  it('with his cursor gets the verdict, what he missed, and then what is new', async () => {
    const first = await notify('one');
    await notify('two');
    const { stream } = await subscribe({ since: first.cursor });

    expect(await stream.next()).toMatchObject({
      type: 'resume',
      body: { verdict: 'complete', from: first.cursor },
    });
    expect(await stream.next()).toMatchObject({ replayed: 'true', body: { message: 'two' } });

    await notify('three');
    expect(await stream.next()).toMatchObject({ replayed: undefined, body: { message: 'three' } });
  });

  it('from the very beginning gets all, once and in order, while more is written', async () => {
    const { cursor } = await notify('before');
    const sent = Promise.all(Array.from({ length: 50 }, (_, i) => notify(`while ${i}`)));
    const { stream } = await subscribe({ since: 'earliest' });
    const last = Math.max(...(await sent).map(({ seq }) => seq));

    const seqs: number[] = [];
    expect(await stream.next()).toMatchObject({ type: 'resume', body: { verdict: 'complete' } });
    while (seqs.at(-1) !== last) seqs.push(seqOf(await stream.next()));

    expect(last).toBe(Number(cursor.split(':')[1]) + 50);
    expect(seqs).toEqual(Array.from({ length: last }, (_, i) => i + 1));
  });

  it('who was there on another transport misses nothing and gets nothing twice', async () => {
    const before = await subscribe({}, webSocket);
    await notify('heard');
    const heard = await before.stream.next();
    await before.connection.close();
    await notify('missed');

    const { stream } = await subscribe({ since: heard.frame.headers['cursor']! });

    expect(await stream.next()).toMatchObject({ type: 'resume', body: { verdict: 'complete' } });
    expect(await stream.next()).toMatchObject({ body: { message: 'missed' } });
    await notify('new');
    expect(await stream.next()).toMatchObject({ replayed: undefined, body: { message: 'new' } });
  });

  it.each([
    ['elsewhere:3', 'unknown_epoch'],
    ['nonsense', 'malformed'],
  ])('with %s is told to reload', async (since, reason) => {
    const { stream } = await subscribe({ since });

    expect(await stream.next()).toMatchObject({ body: { verdict: 'reset', reason } });
  });

  it.each(['client', 'client-individual'])(
    'and acknowledges in mode %s has it noted as delivered',
    async (ack) => {
      const { stream, connection } = await subscribe({ ack });
      const sent = await notify('six');

      await connection.ack(await stream.next());

      const { body } = await ask(`${clinic.url}/api/notifications?limit=1`, { token: patient.token });
      expect(body).toMatchObject({
        items: [{ id: sent.id, deliveredAt: expect.stringMatching(/Z$/) as string }],
      });
    },
  );

  async function subscribe(
    headers: Readonly<Record<string, string>>,
    over = openSocket,
  ): Promise<{ stream: Subscription; connection: Connection }> {
    const connection = await connect(clinic, patient, over);
    connections.push(connection);
    return { connection, stream: await connection.subscribe('/user/queue/notifications', headers) };
  }
});

describe('who comes back over SSE', () => {
  it('with Last-Event-ID gets the same, with the same cursor', async () => {
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
});

async function notify(message: string): Promise<{ id: number; seq: number; cursor: string }> {
  const { body } = await ask<{ id: number; seq: number; cursor: string }>(`${clinic.url}/api/notifications`, {
    token: operator.token,
    body: { userId: patient.user.id, message },
  });
  return body;
}

function seqOf({ body }: Heard): number {
  return (body as { seq: number }).seq;
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
