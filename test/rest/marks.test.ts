import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask, newPatient, openClinic, signIn, type Clinic, type Login } from './clinic.js';
import { connect, type Connection } from './stomp.js';

let clinic: Clinic;
let operator: Login;
let reader: Login;
let connection: Connection;
let sent: { id: number; cursor: string }[];

beforeAll(async () => {
  clinic = await openClinic();
  operator = await signIn(clinic, 'operator');
});
afterAll(() => clinic.close());

beforeEach(async () => {
  reader = await newPatient(clinic);
  sent = [];
  for (const message of ['one', 'two', 'three']) {
    const body = { userId: reader.user.id, message };
    const answer = await ask<{ id: number; cursor: string }>(`${clinic.url}/api/notifications`, {
      token: operator.token,
      body,
    });
    sent.push(answer.body);
  }
  connection = await connect(clinic, reader);
  return () => connection.close();
});

describe('a POST that says what has arrived', () => {
  it.each([
    ['ids', () => ({ ids: [sent[0]!.id, sent[2]!.id] }), [0, 2]],
    ['a cursor', () => ({ upTo: sent[1]!.cursor }), [0, 1]],
  ])('by %s notes so, and of no others', async (_, body, arrived) => {
    await acknowledge(body());

    expect(await delivered(reader)).toEqual(arrived.map((i) => sent[i]!.id));
    expect(await countsOf(reader)).toEqual({ unseen: 3, unread: 3 });
  });

  it('does nothing to another’s rows, and keeps the time of the first', async () => {
    const other = await newPatient(clinic);
    await acknowledge({ ids: [sent[0]!.id] });
    const [first] = await rowsOf(reader);

    await ask(`${clinic.url}/api/notifications/ack`, { token: other.token, body: { ids: [sent[1]!.id] } });
    await acknowledge({ ids: sent.map(({ id }) => id) });

    const rows = await rowsOf(reader);
    expect(rows[0]).toEqual(first);
    expect(await delivered(reader)).toHaveLength(3);
  });

  async function acknowledge(body: unknown): Promise<void> {
    const { status } = await ask(`${clinic.url}/api/notifications/ack`, { token: reader.token, body });
    expect(status).toBe(204);
  }

  async function delivered(login: Login): Promise<number[]> {
    return (await rowsOf(login)).filter(({ deliveredAt }) => deliveredAt !== null).map(({ id }) => id);
  }

  async function rowsOf({ token }: Login): Promise<{ id: number; deliveredAt: string | null }[]> {
    const url = `${clinic.url}/api/notifications?after=earliest`;
    return (await ask<{ items: { id: number; deliveredAt: string | null }[] }>(url, { token })).body.items;
  }
});

describe('a SEND', () => {
  it.each([
    ['/app/notifications.read', { unseen: 2, unread: 2 }],
    ['/app/notifications.seen', { unseen: 2, unread: 3 }],
    ['/app/notifications.archive', { unseen: 2, unread: 2 }],
  ])('to %s does so to the named ones before its RECEIPT', async (destination, counts) => {
    await connection.send(destination, { ids: [sent[0]!.id] });

    expect(await countsOf(reader)).toEqual(counts);
  });

  it('with upTo reads what was shown', async () => {
    await connection.send('/app/notifications.read', { upTo: sent[1]!.cursor });

    expect(await countsOf(reader)).toEqual({ unseen: 1, unread: 1 });
  });

  it('does nothing to another’s rows', async () => {
    const other = await newPatient(clinic);
    const body = { userId: other.user.id, message: 'private' };
    const { body: theirs } = await ask<{ id: number }>(`${clinic.url}/api/notifications`, {
      token: operator.token,
      body,
    });

    await connection.send('/app/notifications.read', { ids: [theirs.id] });

    expect(await countsOf(other)).toEqual({ unseen: 1, unread: 1 });
  });

  it.each([
    [{}, 'The payload is not valid: '],
    [{ ids: [] }, 'The payload is not valid: '],
    [{ ids: ['1'] }, 'The payload is not valid: '],
    [{ upTo: 'nonsense' }, 'not valid'],
    [{ upTo: 'another:3' }, 'This position cannot be served'],
  ])('with %j is handler_failed, says why, and changes nothing', async (body, words) => {
    void connection.send('/app/notifications.read', body);

    expect(await connection.failed).toMatchObject({
      code: 'handler_failed',
      message: expect.stringContaining(words) as string,
    });
    expect(await countsOf(reader)).toEqual({ unseen: 3, unread: 3 });
  });
});

async function countsOf({ token }: Login): Promise<unknown> {
  return (await ask(`${clinic.url}/api/notifications/counts`, { token })).body;
}
