import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  ask,
  newPatient,
  openClinic,
  problemOf,
  signIn,
  type Answer,
  type Clinic,
  type Login,
} from './clinic.js';

interface Message {
  readonly id: number;
  readonly seq: number;
  readonly text: string;
  readonly cursor: string;
  readonly status: string;
}

interface Conversation {
  readonly id: number;
  readonly members: readonly { id: number; name: string }[];
  readonly lastSeq: number;
  readonly unread: number;
  readonly readSeq: number;
  readonly cursor: string;
  readonly lastMessage: Message | null;
}

let clinic: Clinic;
let doctor: Login;
let colleague: Login;
let operator: Login;
let patient: Login;
let stranger: Login;

beforeAll(async () => {
  clinic = await openClinic();
  doctor = await signIn(clinic, 'doctor');
  colleague = await signIn(clinic, 'doctor2');
  operator = await signIn(clinic, 'operator');
});
beforeEach(async () => {
  patient = await newPatient(clinic);
  stranger = await newPatient(clinic);
});
afterAll(() => clinic.close());

type Options = NonNullable<Parameters<typeof ask>[1]>;

function call<T = Record<string, unknown>>(
  as: Login,
  path: string,
  options: Options = {},
): Promise<Answer<T>> {
  return ask<T>(`${clinic.url}${path}`, { token: as.token, ...options });
}

function conversations<T = Record<string, unknown>>(
  as: Login,
  path: string,
  options: Options = {},
): Promise<Answer<T>> {
  return call<T>(as, `/api/conversations${path}`, options);
}

async function begun(as: Login, ...others: readonly Login[]): Promise<Conversation> {
  const body = { memberIds: others.map(({ user }) => user.id) };
  const { status, body: conversation } = await conversations<Conversation>(as, '', { body });
  expect(status).toBe(201);
  return conversation;
}

async function say(
  as: Login,
  { id }: Pick<Conversation, 'id'>,
  text: string,
  clientId?: string,
): Promise<Message> {
  const { status, body } = await conversations<Message>(as, `/${id}/messages`, { body: { text, clientId } });
  expect(status).toBeLessThan(300);
  return body;
}

describe('a conversation', () => {
  it('is begun by a patient with a doctor, and both have it in their lists', async () => {
    const conversation = await begun(patient, doctor);

    expect(conversation).toEqual({
      id: expect.any(Number) as number,
      title: null,
      members: expect.arrayContaining([
        { id: patient.user.id, name: 'Rita Reader' },
        { id: doctor.user.id, name: doctor.user.name },
      ]) as unknown,
      createdBy: patient.user.id,
      lastSeq: 0,
      readSeq: 0,
      unread: 0,
      cursor: expect.stringMatching(/^[\w-]{8}:0$/) as string,
      updatedAt: expect.any(String) as string,
      lastMessage: null,
    });
    for (const reader of [patient, doctor]) {
      const { body } = await conversations<{ items: Conversation[] }>(reader, '');
      expect(body.items[0]).toEqual(conversation);
    }
  });

  it('of two people is one, whoever of them begins it, also at the same moment', async () => {
    const answers = await Promise.all(
      [...Array(5).keys()].map((i) => {
        const [one, other] = i % 2 === 0 ? [patient, doctor] : [doctor, patient];
        return conversations<Conversation>(one, '', { body: { memberIds: [other.user.id] } });
      }),
    );

    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 200, 201]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  });

  it('is begun once with the same Idempotency-Key', async () => {
    const begin = () =>
      conversations<Conversation>(doctor, '', {
        body: { memberIds: [patient.user.id, colleague.user.id], title: 'Knee' },
        headers: { 'Idempotency-Key': `knee ${patient.user.id}`.replace(' ', '-') },
      });

    const first = await begin();
    const second = await begin();

    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('Idempotency-Replayed')).toBe('true');
  });

  it('is not for a patient with whom patients don’t know, who are as if they weren’t there', async () => {
    const unknown = await conversations(patient, '', { body: { memberIds: [999_999] } });
    for (const other of [stranger, operator]) {
      const answer = await conversations(patient, '', { body: { memberIds: [other.user.id] } });

      expect(problemOf(answer)).toEqual({ status: 404, code: 'not_found' });
      expect(answer.body).toEqual(unknown.body);
    }
  });

  it.each([
    ['nobody', {}],
    ['none', { memberIds: [] }],
    ['oneself alone', { memberIds: 'me' }],
    ['an empty title', { memberIds: [3], title: ' ' }],
    ['too long a title', { memberIds: [3], title: 'x'.repeat(101) }],
    ['a title that PostgreSQL can’t hold', { memberIds: [3], title: 'a\0b' }],
    ['ids that are none', { memberIds: [-1, 'x', 1.5] }],
    ['something else', [1, 2]],
  ])('with %s is refused', async (_, given) => {
    const body = JSON.parse(JSON.stringify(given).replace('"me"', `[${patient.user.id}]`)) as unknown;
    const answer = await conversations(patient, '', { body });

    expect(problemOf(answer)).toEqual({ status: 400, code: 'invalid_request' });
  });

  it('is at the casting platform’s paths too', async () => {
    const conversation = await begun(patient, doctor);
    const path = `/messages/conversations/${conversation.id}`;

    const said = await call<Message>(patient, `${path}/messages`, { body: { text: 'Hello' } });
    const page = await call<{ items: Message[] }>(doctor, `${path}/messages`);
    const read = await call(doctor, `${path}/read`, { method: 'PATCH' });

    expect(said.status).toBe(201);
    expect(page.body.items).toEqual([{ ...said.body, status: 'sent' }]);
    expect(read.body).toEqual({ readSeq: 1, unread: 0 });
  });
});

describe('who is not in a conversation', () => {
  it('is told everywhere that there is none, an operator too', async () => {
    const { id } = await begun(patient, doctor);
    const bodies = { memberIds: [3], userIds: [3], text: 'x', upTo: 1 };
    const calls = [
      ['GET', ''],
      ['POST', '/members'],
      ['DELETE', '/members/me'],
      ['DELETE', `/members/${patient.user.id}`],
      ['POST', '/messages'],
      ['GET', '/messages'],
      ['GET', '/messages?after=earliest'],
      ['PATCH', '/read'],
      ['POST', '/delivered'],
    ] as const;

    for (const outsider of [stranger, colleague, operator])
      for (const [method, path] of calls) {
        const body = method === 'GET' || method === 'DELETE' ? undefined : bodies;
        const answer = await conversations(outsider, `/${id}${path}`, { method, body });
        expect([method, path, problemOf(answer)]).toEqual([method, path, { status: 404, code: 'not_found' }]);
      }
    const deleting = await conversations(stranger, `/${id}`, { method: 'DELETE' });
    expect(problemOf(deleting)).toEqual({ status: 404, code: 'not_found' });
    const { body } = await conversations<{ items: Conversation[] }>(operator, '');
    expect(body.items.map((one) => one.id)).not.toContain(id);
  });
});

describe('a message', () => {
  it('is numbered from 1 on, and answered with all that others see of it', async () => {
    const conversation = await begun(patient, doctor);

    const first = await say(patient, conversation, '  May I eat?  ', 'a');
    const second = await say(doctor, conversation, 'No.');

    expect(first).toEqual({
      id: expect.any(Number) as number,
      conversationId: conversation.id,
      seq: 1,
      senderId: patient.user.id,
      senderName: 'Rita Reader',
      text: 'May I eat?',
      clientId: 'a',
      createdAt: expect.stringMatching(/Z$/) as string,
      cursor: conversation.cursor.replace(':0', ':1'),
      status: 'sent',
    });
    expect(second).toMatchObject({ seq: 2, clientId: null });
  });

  it('that is sent fifty times with one clientId is one row, and one is new', async () => {
    const conversation = await begun(patient, doctor);

    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        conversations<Message>(patient, `/${conversation.id}/messages`, {
          body: { text: 'Once', clientId: 'once' },
        }),
      ),
    );

    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(49);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    const { body } = await conversations<{ items: Message[] }>(doctor, `/${conversation.id}/messages`);
    expect(body.items).toHaveLength(1);
  });

  it('with the clientId of somebody else is another', async () => {
    const conversation = await begun(patient, doctor);

    await say(patient, conversation, 'Mine', 'same');
    const other = await say(doctor, conversation, 'Also mine', 'same');

    expect(other).toMatchObject({ seq: 2, text: 'Also mine', clientId: 'same' });
  });

  it('is said once with an Idempotency-Key, and answered alike', async () => {
    const conversation = await begun(patient, doctor);
    const send = (text: string) =>
      conversations<Message>(patient, `/${conversation.id}/messages`, {
        body: { text },
        headers: { 'Idempotency-Key': `say-${conversation.id}` },
      });

    const first = await send('Hello');
    const again = await send('Hello');
    const other = await send('Something else');

    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body).toEqual(first.body);
    expect(first.body).toMatchObject({ clientId: null });
    expect(problemOf(other as unknown as Answer)).toEqual({ status: 409, code: 'idempotency_conflict' });
  });

  it.each([
    ['no text', {}],
    ['an empty one', { text: ' \n ' }],
    ['one that is too long', { text: 'x'.repeat(4_001) }],
    ['NUL', { text: 'a\0b' }],
    ['a number', { text: 7 }],
    ['too long a clientId', { text: 'x', clientId: 'x'.repeat(65) }],
    ['an empty clientId', { text: 'x', clientId: '' }],
    ['half a surrogate pair as clientId', { text: 'x', clientId: '\ud83d' }],
  ])('with %s is refused', async (_, body) => {
    const { id } = await begun(patient, doctor);

    expect(problemOf(await conversations(patient, `/${id}/messages`, { body }))).toEqual({
      status: 400,
      code: 'invalid_request',
    });
  });

  it('that ends in half an emoji is stored without it', async () => {
    const conversation = await begun(patient, doctor);

    expect(await say(patient, conversation, 'x\ud83d')).toMatchObject({ text: 'x\ufffd' });
  });
});

describe('the pages of a conversation', () => {
  it('come newest first, or oldest first behind a cursor, and prove that nothing is missing', async () => {
    const conversation = await begun(patient, doctor);
    const said: Message[] = [];
    for (let i = 1; i <= 5; i++) said.push(await say(i % 2 ? patient : doctor, conversation, `${i}`));
    const page = (query: string) =>
      conversations<{ items: Message[]; next: string | null; cursor: string }>(
        patient,
        `/${conversation.id}/messages${query}`,
      );
    const seqs = ({ body }: Awaited<ReturnType<typeof page>>) => body.items.map(({ seq }) => seq);

    const newest = await page('?limit=2');
    const older = await page(`?limit=2&before=${newest.body.next}`);
    const oldest = await page('?limit=3&after=earliest');
    const rest = await page(`?after=${oldest.body.next}`);

    expect([newest, older, oldest, rest].map(seqs)).toEqual([
      [5, 4],
      [3, 2],
      [1, 2, 3],
      [4, 5],
    ]);
    expect(rest.body).toMatchObject({ next: null, cursor: said[4]?.cursor });
    for (const query of ['?after=elsewhere:1', `?after=${said[4]?.cursor.replace(':5', ':6')}`])
      expect(problemOf((await page(query)) as unknown as Answer)).toEqual({
        status: 410,
        code: 'cursor_reset',
      });
    for (const query of ['?after=x', '?since=earliest', '?after=earliest&before=earliest', '?limit=0'])
      expect(problemOf((await page(query)) as unknown as Answer)).toEqual({
        status: 400,
        code: 'invalid_request',
      });
  });

  it('of all conversations come by their newest message', async () => {
    const [first, second, third] = [
      await begun(patient, doctor),
      await begun(patient, colleague),
      await begun(patient, doctor, colleague),
    ];
    await say(doctor, first, 'Newest');

    const seen: number[] = [];
    for (let after = ''; ;) {
      const { body } = await conversations<{ items: Conversation[]; next: string | null }>(
        patient,
        `?limit=1${after}`,
      );
      seen.push(...body.items.map(({ id }) => id));
      if (body.next === null) break;
      after = `&after=${body.next}`;
    }

    expect(seen).toEqual([first.id, third.id, second.id]);
  });
});

describe('reading', () => {
  it('moves a pointer forward only, and the sender sees how far everybody is', async () => {
    const conversation = await begun(doctor, patient, colleague);
    const said = [];
    for (let i = 1; i <= 4; i++) said.push(await say(doctor, conversation, `${i}`));
    const read = async (as: Login, body?: object) =>
      (await conversations(as, `/${conversation.id}/read`, { method: 'PATCH', body })).body;
    const statuses = async () => {
      const { body } = await conversations<{ items: Message[] }>(
        doctor,
        `/${conversation.id}/messages?after=earliest`,
      );
      return body.items.map(({ status }) => status);
    };

    expect(await read(patient, { upTo: 2 })).toEqual({ readSeq: 2, unread: 2 });
    expect(await read(patient, { upTo: 1 })).toEqual({ readSeq: 2, unread: 2 });
    expect(await read(patient, { messageIds: [said[2]?.id, 999_999] })).toEqual({ readSeq: 3, unread: 1 });
    expect(await read(patient, { messageIds: [999_999] })).toEqual({ readSeq: 3, unread: 1 });
    expect(await statuses()).toEqual(['sent', 'sent', 'sent', 'sent']);

    const arrived = await conversations(colleague, `/${conversation.id}/delivered`, { body: { upTo: 3 } });
    expect(arrived.status).toBe(204);
    expect(await read(colleague, { upTo: 1 })).toEqual({ readSeq: 1, unread: 3 });
    expect(await statuses()).toEqual(['read', 'delivered', 'delivered', 'sent']);

    expect(await read(patient)).toEqual({ readSeq: 4, unread: 0 });
    expect(await read(patient, { upTo: 1_000_000 })).toEqual({ readSeq: 4, unread: 0 });
    expect(await read(colleague, {})).toEqual({ readSeq: 4, unread: 0 });
    expect(await statuses()).toEqual(['read', 'read', 'read', 'read']);
  });

  it('never moves the pointer back, in whatever order things are read, and at once', async () => {
    const mark = fc.record({ to: fc.integer({ min: 0, max: 6 }), byId: fc.boolean() });
    const atOnce = fc.array(mark, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(atOnce, { minLength: 1, maxLength: 4 }), async (steps) => {
        const { id } = await begun(doctor, patient, colleague);
        const said: Message[] = [];
        for (let i = 1; i <= 5; i++) said.push(await say(doctor, { id }, `${i}`));
        let furthest = 0;
        for (const marks of steps) {
          const before = furthest;
          furthest = Math.max(before, ...marks.map(({ to }) => Math.min(to, 5)));

          const answers = await Promise.all(
            marks.map(({ to, byId }) => {
              const message = byId ? said[to - 1] : undefined;
              const body = message ? { messageIds: [message.id] } : { upTo: to };
              return conversations<Conversation>(patient, `/${id}/read`, { method: 'PATCH', body });
            }),
          );
          const { body } = await conversations<Conversation>(patient, `/${id}`);

          const seen = answers.map((answer) => answer.body.readSeq);
          expect([Math.min(before, ...seen), Math.max(...seen)]).toEqual([before, furthest]);
          expect(body).toMatchObject({ readSeq: furthest, unread: 5 - furthest });
        }
      }),
      { numRuns: 25 },
    );
  });

  it('is of what others said: one’s own messages are never unread', async () => {
    const conversation = await begun(doctor, patient);
    await say(doctor, conversation, 'One');
    await say(patient, conversation, 'Two');
    await say(doctor, conversation, 'Three');

    const unread = async (as: Login) =>
      (await conversations<Conversation>(as, `/${conversation.id}`)).body.unread;

    expect([await unread(doctor), await unread(patient)]).toEqual([1, 2]);
  });

  it.each([
    { upTo: -1 },
    { upTo: 1.5 },
    { upTo: 'all' },
    { messageIds: [] },
    { upTo: 1, messageIds: [1] },
    [],
  ])('refuses %j', async (body) => {
    const { id } = await begun(patient, doctor);

    const answer = await conversations(patient, `/${id}/read`, { method: 'PATCH', body });

    expect(problemOf(answer)).toEqual({ status: 400, code: 'invalid_request' });
  });
});

describe('members', () => {
  it('come in by any member who may write to them, and see all that was said', async () => {
    const conversation = await begun(doctor, patient, operator);
    await say(patient, conversation, 'Before');

    const added = await conversations<Conversation>(patient, `/${conversation.id}/members`, {
      body: { userIds: [colleague.user.id, doctor.user.id] },
    });
    const refused = await conversations(patient, `/${conversation.id}/members`, {
      body: { userIds: [stranger.user.id] },
    });
    const page = await conversations<{ items: Message[] }>(colleague, `/${conversation.id}/messages`);
    const seen = await conversations<Conversation>(colleague, `/${conversation.id}`);

    expect(added.status).toBe(200);
    expect(added.body.members).toHaveLength(4);
    expect(problemOf(refused)).toEqual({ status: 404, code: 'not_found' });
    expect(page.body.items.map(({ text }) => text)).toEqual(['Before']);
    expect(seen.body.unread).toBe(0);
  });

  it('leave by themselves, are sent away by who began it, and have nothing of it after that', async () => {
    const conversation = await begun(doctor, patient, colleague);
    const remove = (as: Login, who: number | 'me') =>
      conversations(as, `/${conversation.id}/members/${who}`, { method: 'DELETE' });

    expect(problemOf(await remove(patient, colleague.user.id))).toEqual({ status: 403, code: 'forbidden' });
    expect((await remove(doctor, patient.user.id)).status).toBe(204);
    expect((await remove(colleague, 'me')).status).toBe(204);

    for (const gone of [patient, colleague]) {
      const answer = await conversations(gone, `/${conversation.id}/messages`, {
        body: { text: 'Still here?' },
      });
      expect(problemOf(answer)).toEqual({ status: 404, code: 'not_found' });
      const { body } = await conversations<{ items: Conversation[] }>(gone, '');
      expect(body.items.map(({ id }) => id)).not.toContain(conversation.id);
    }
    expect(problemOf(await remove(doctor, patient.user.id))).toEqual({ status: 404, code: 'not_found' });
    expect(problemOf(await remove(doctor, 999_999))).toEqual({ status: 404, code: 'not_found' });
  });

  it('of a conversation of two stay those two', async () => {
    const { id } = await begun(doctor, patient);
    const members = `/${id}/members`;

    const added = await conversations(doctor, members, { body: { userIds: [colleague.user.id] } });
    const left = await conversations(patient, `${members}/me`, { method: 'DELETE' });

    expect([added, left].map(problemOf)).toEqual([
      { status: 403, code: 'forbidden' },
      { status: 403, code: 'forbidden' },
    ]);
  });
});

describe('a conversation that is deleted', () => {
  it.each([
    ['who began it', () => patient],
    ['an operator, who sees nothing of it', () => operator],
  ])('by %s is nobody’s any more, and the two may begin another', async (_, who) => {
    const conversation = await begun(patient, doctor);
    await say(patient, conversation, 'Forget it');

    const { status } = await conversations(who(), `/${conversation.id}`, { method: 'DELETE' });

    expect(status).toBe(204);
    for (const reader of [patient, doctor])
      expect(problemOf(await conversations(reader, `/${conversation.id}/messages`))).toEqual({
        status: 404,
        code: 'not_found',
      });
    expect((await begun(doctor, patient)).id).not.toBe(conversation.id);
  });

  it('is not deleted by another member', async () => {
    const { id } = await begun(patient, doctor);

    const answer = await conversations(doctor, `/${id}`, { method: 'DELETE' });

    expect(problemOf(answer)).toEqual({ status: 403, code: 'forbidden' });
  });
});

describe('what one person may cause', () => {
  let small: Clinic;

  beforeAll(async () => {
    small = await openClinic({
      LIMIT_CONVERSATIONS_PER_USER: '2',
      LIMIT_CONVERSATION_MEMBERS: '3',
      LIMIT_CONVERSATION_MESSAGES: '3',
      LIMIT_MESSAGES_PER_HOUR: '3',
    });
  });
  afterAll(() => small.close());

  it('is bounded: conversations, members, messages that are kept, and messages an hour', async () => {
    const [one, other] = [await signIn(small, 'doctor'), await signIn(small, 'patient')];
    const begin = (memberIds: number[]) =>
      ask<Conversation>(`${small.url}/api/conversations`, { token: one.token, body: { memberIds } });
    const { body: conversation } = await begin([other.user.id]);
    const path = `${small.url}/api/conversations/${conversation.id}/messages`;

    const tooMany = await begin([1, 2, 4, 5].filter((id) => id !== one.user.id));
    const said = [];
    for (const [i, { token }] of [one, one, one, one, other, other].entries())
      said.push(await ask(path, { token, body: { text: `${i + 1}` } }));
    const kept = await ask<{ items: Message[] }>(path, { token: other.token });
    const pruned = await ask(`${path}?after=${conversation.cursor}`, { token: other.token });
    const fromEarliest = await ask<{ items: Message[] }>(`${path}?after=earliest`, { token: other.token });
    const unread = await ask<Conversation>(path.replace('/messages', ''), { token: other.token });
    const statuses = [
      (await begin([other.user.id, 5])).status,
      (await begin([other.user.id, 5])).status,
      (await begin([other.user.id])).status,
    ];

    expect(problemOf(tooMany as unknown as Answer)).toEqual({ status: 400, code: 'invalid_request' });
    expect(said.map(({ status }) => status)).toEqual([201, 201, 201, 429, 201, 201]);
    expect(problemOf(said[3] as Answer)).toEqual({ status: 429, code: 'rate_limited' });
    expect(Number(said[3]?.headers.get('Retry-After'))).toBeGreaterThan(3_500);
    expect(kept.body.items.map(({ text }) => text)).toEqual(['6', '5', '3']);
    expect(problemOf(pruned)).toEqual({ status: 410, code: 'cursor_reset' });
    expect(fromEarliest.body.items.map(({ text }) => text)).toEqual(['3', '5', '6']);
    expect(unread.body.unread).toBe(1);
    expect(statuses).toEqual([201, 409, 200]);
  });
});
