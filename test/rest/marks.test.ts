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
