import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgres, type FreshDatabase } from '../databases.js';
import { ask, newPatient, openClinic, signIn, type Clinic, type Login } from './clinic.js';
import { connect, type Connection, type Subscription } from './stomp.js';

const EACH = 20;

describe.skipIf(!postgres.isHere)(`a conversation over two nodes, on ${postgres.name}`, () => {
  let database: FreshDatabase;
  let here: Clinic;
  let there: Clinic;
  let doctor: Login;
  let colleague: Login;
  let patient: Login;
  const connections: Connection[] = [];

  beforeAll(async () => {
    database = await postgres.create();
    here = await openClinic({}, database);
    there = await openClinic({}, database);
    doctor = await signIn(here, 'doctor');
    colleague = await signIn(here, 'doctor2');
    patient = await newPatient(there);
  });
  afterAll(async () => {
    await Promise.all(connections.map((connection) => connection.close()));
    await there.close();
    await here.close();
    await database.drop();
  });

  it('has its numbers without holes and in one order for all, wherever they write and listen', async () => {
    const id = await begin(patient);
    const [events, log] = [
      await follow(there, patient, '/user/queue/conversations'),
      await follow(there, patient, `/topic/conversations.${id}`),
    ];
    const logHere = await follow(here, doctor, `/topic/conversations.${id}`);

    const answers = await Promise.all(
      Array.from({ length: EACH }, (_, i) => [
        say(here, doctor, id, `here ${i}`),
        say(there, patient, id, `there ${i}`),
      ]).flat(),
    );
    const heard = {
      events: await seqsOf(events, 'new-message', 2 * EACH),
      log: await seqsOf(log, 'message', 2 * EACH),
      logHere: await seqsOf(logHere, 'message', 2 * EACH),
    };

    const numbers = Array.from({ length: 2 * EACH }, (_, i) => i + 1);
    expect(answers.map(({ body }) => body.seq).toSorted((a, b) => a - b)).toEqual(numbers);
    expect(heard.log).toEqual(numbers);
    expect(heard.logHere).toEqual(numbers);
    // Each node tells of its own: over two of them an event may pass another one, and the log doesn't.
    expect(heard.events.toSorted((a, b) => a - b)).toEqual(numbers);
  });

  it('is heard no more by who was sent away on the other node', async () => {
    const id = await begin(patient, colleague);
    const log = await follow(there, patient, `/topic/conversations.${id}`);
    const events = await follow(there, patient, '/user/queue/conversations');
    await say(here, doctor, id, 'With you');
    await seqsOf(log, 'message', 1);

    await ask(`${here.url}/api/conversations/${id}/members/${patient.user.id}`, {
      token: doctor.token,
      method: 'DELETE',
    });
    await say(here, doctor, id, 'Without you');
    await ask(`${here.url}/api/conversations/${await begin(patient)}/messages`, {
      token: doctor.token,
      body: { text: 'To you alone' },
    });

    const said = [];
    while (said.at(-1) !== 'To you alone') {
      const { type, body } = await events.next();
      if (type === 'new-message') said.push((body as { message: { text: string } }).message.text);
    }
    expect(said).toEqual(['With you', 'To you alone']);
  });

  async function begin(...others: readonly Login[]): Promise<number> {
    const memberIds = others.map(({ user }) => user.id);
    const { body } = await ask<{ id: number }>(`${here.url}/api/conversations`, {
      token: doctor.token,
      body: { memberIds },
    });
    return body.id;
  }

  function say(clinic: Clinic, { token }: Login, id: number, text: string) {
    return ask<{ seq: number }>(`${clinic.url}/api/conversations/${id}/messages`, { token, body: { text } });
  }

  async function follow(clinic: Clinic, login: Login, destination: string): Promise<Subscription> {
    const connection = await connect(clinic, login);
    connections.push(connection);
    return connection.subscribe(destination);
  }
});

/** The numbers of the next so many messages of a type, in the order in which they come. */
async function seqsOf(subscription: Subscription, type: string, many: number): Promise<number[]> {
  const seqs: number[] = [];
  while (seqs.length < many) {
    const heard = await subscription.next();
    if (heard.type !== type) continue;
    const body = heard.body as { seq?: number; message?: { seq: number } };
    seqs.push(body.message?.seq ?? body.seq ?? 0);
  }
  return seqs;
}
