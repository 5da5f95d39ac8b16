import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Broker } from '../../src/library/broker/broker.js';
import { userAddress } from '../../src/library/broker/address.js';
import { cursorOf } from '../../src/library/broker/cursor.js';
import type { Message } from '../../src/library/broker/message.js';
import { NotificationService } from '../../src/clinic/notifications/notification.service.js';
import { Store } from '../../src/library/store/store.js';
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

interface Notification {
  readonly id: number;
  readonly message: string;
  readonly seq: number;
  readonly cursor: string;
  readonly isRead: boolean;
  readonly isSeen: boolean;
  readonly isArchived: boolean;
  readonly deliveredAt: string | null;
  readonly [member: string]: unknown;
}

interface Page {
  readonly items: Notification[];
  readonly next: string | null;
  readonly counts: { readonly unseen: number; readonly unread: number };
  readonly cursor: string;
}

let clinic: Clinic;
let operator: Login;
/** Somebody new for each test, with an empty inbox. */
let reader: Login;

beforeAll(async () => {
  clinic = await openClinic({ LIMIT_PAGE_ITEMS: '20' });
  operator = await signIn(clinic, 'operator');
});
afterAll(() => clinic.close());
beforeEach(async () => {
  reader = await newPatient(clinic);
});

describe('a notification', () => {
  it('sent by an operator is answered as a row, and is what the inbox and the push show', async () => {
    const pushed = pushesTo(reader);

    const sent = await send({ userId: reader.user.id, message: 'Hello', type: 'lab.result', data: { n: 1 } });

    expect(sent.status).toBe(201);
    expect(sent.body).toEqual({
      id: expect.any(Number) as number,
      userId: reader.user.id,
      message: 'Hello',
      isRead: false,
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
      type: 'lab.result',
      data: { n: 1 },
      cursor: expect.stringMatching(/:1$/) as string,
      seq: 1,
      isSeen: false,
      isArchived: false,
      deliveredAt: null,
    });
    expect((await list()).body.items).toEqual([sent.body]);
    expect(pushed).toHaveLength(1);
    expect(JSON.parse(Buffer.from(pushed[0]!.body).toString())).toEqual(sent.body);
    expect(Object.fromEntries(pushed[0]!.headers)).toEqual({
      'content-type': 'application/json',
      'event-type': 'lab.result',
    });
    expect(cursorOf(pushed[0]!.position!)).toBe(sent.body.cursor);
  });

  it('may name its reader by e-mail address, and is a message unless it says what', async () => {
    const sent = await send({ email: reader.user.email.toUpperCase(), message: 'Hello' });

    expect(sent).toMatchObject({ status: 201, body: { userId: reader.user.id, type: 'message', data: {} } });
  });

  it.each<[string, () => Record<string, unknown>, number, string]>([
    ['to nobody', () => ({ message: 'Hello' }), 400, 'invalid_request'],
    ['to two', () => ({ userId: 1, email: 'a@example.org', message: 'Hello' }), 400, 'invalid_request'],
    ['to an unknown id', () => ({ userId: 4711, message: 'Hello' }), 404, 'not_found'],
    ['to an unknown address', () => ({ email: 'nobody@example.org', message: 'Hello' }), 404, 'not_found'],
    ['without words', () => ({ userId: reader.user.id, message: '  ' }), 400, 'invalid_request'],
    [
      'of a bad type',
      () => ({ userId: reader.user.id, message: 'x', type: 'No Type' }),
      400,
      'invalid_request',
    ],
    ['with NUL', () => ({ userId: reader.user.id, message: 'a\0b' }), 400, 'invalid_request'],
    ['too long', () => ({ userId: reader.user.id, message: 'x'.repeat(2001) }), 400, 'invalid_request'],
    [
      'with too much data',
      () => ({ userId: reader.user.id, message: 'x', data: { text: 'x'.repeat(17_000) } }),
      400,
      'invalid_request',
    ],
  ])('%s is refused, and nothing is stored', async (_, body, status, code) => {
    expect(problemOf((await send(body())) as unknown as Answer)).toEqual({ status, code });
    expect((await list()).body.items).toEqual([]);
  });

  it('is for operators to send', async () => {
    const body = { userId: operator.user.id, message: 'Hello' };

    const answer = await ask(`${clinic.url}/api/notifications`, { token: reader.token, body });

    expect(problemOf(answer)).toEqual({ status: 403, code: 'forbidden' });
  });

  it('of a unit that fails is neither stored nor pushed', async () => {
    const pushed = pushesTo(reader);
    const notifications = clinic.application.get(NotificationService);
    const store = clinic.application.get(Store);

    const failing = store.write(async (tx) => {
      await notifications.sendNotification(reader.user.id, 'Never', { tx });
      throw new Error('no');
    });

    await expect(failing).rejects.toThrow('no');
    const stands = await notifications.sendNotification(reader.user.id, 'First');
    expect(stands.seq).toBe(1);
    expect((await list()).body.items.map(({ message }) => message)).toEqual(['First']);
    expect(pushed).toHaveLength(1);
  });

  it('with a dedupeKey exists once, and is pushed once', async () => {
    const pushed = pushesTo(reader);
    const notifications = clinic.application.get(NotificationService);

    const all = await Promise.all(
      Array.from({ length: 5 }, (_, i) =>
        notifications.sendNotification(reader.user.id, `Reminder ${i}`, { dedupeKey: 'reminder-7' }),
      ),
    );

    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(pushed).toHaveLength(1);
  });

  it('gets its number without holes, however many are sent at once', async () => {
    const sent = await Promise.all(
      Array.from({ length: 40 }, (_, i) => send({ userId: reader.user.id, message: `Number ${i}` })),
    );

    expect(sent.map(({ body }) => body.seq).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, i) => i + 1),
    );
  });
});

describe('the list', () => {
  beforeEach(async () => {
    for (let i = 1; i <= 5; i++) await send({ userId: reader.user.id, message: `Number ${i}` });
  });

  it('is newest first, and pages down with before', async () => {
    const first = await list('limit=2');
    const second = await list(`limit=2&before=${first.body.next}`);
    const third = await list(`limit=2&before=${second.body.next}`);

    expect([first, second, third].map(({ body }) => seqs(body))).toEqual([[5, 4], [3, 2], [1]]);
    expect(third.body.next).toBeNull();
    expect(first.body.counts).toEqual({ unseen: 5, unread: 5 });
    expect(first.body.cursor).toBe(first.body.items[0]!.cursor);
  });

  it('is oldest first with after, from earliest on', async () => {
    const first = await list('limit=3&after=earliest');
    const second = await list(`limit=3&after=${first.body.next}`);

    expect([first, second].map(({ body }) => seqs(body))).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
    expect(second.body.next).toBeNull();
    expect((await list(`after=${second.body.cursor}`)).body.items).toEqual([]);
  });

  it('has no more on a page than the limit allows', async () => {
    for (let i = 0; i < 20; i++) await send({ userId: reader.user.id, message: 'More' });

    const page = await list('limit=1000000');

    expect(page.body.items).toHaveLength(20);
    expect(page.body.next).not.toBeNull();
  });

  it('shows the unread or the archived ones', async () => {
    const { items } = (await list()).body;
    await mark(items[0]!.id, { isRead: true });
    await mark(items[1]!.id, { isArchived: true });

    expect(seqs((await list('filter=unread')).body)).toEqual([3, 2, 1]);
    expect(seqs((await list('filter=archived')).body)).toEqual([4]);
    expect(seqs((await list('filter=all')).body)).toEqual([5, 4, 3, 2, 1]);
  });

  it('answers a cursor that it cannot serve with 410 and what it can', async () => {
    const { cursor } = (await list()).body;
    const [epoch] = cursor.split(':');

    const foreign = await list('after=another:3');
    const ahead = await list(`after=${epoch}:99`);

    for (const [answer, reason] of [
      [foreign, 'unknown_epoch'],
      [ahead, 'ahead'],
    ] as const) {
      expect(problemOf(answer as unknown as Answer)).toEqual({ status: 410, code: 'cursor_reset' });
      expect(answer.body).toMatchObject({ reason, cursor });
    }
  });

  it.each([
    ['after', 'after=nonsense'],
    ['after', 'after=a:1:2'],
    ['before', 'before=nonsense'],
    ['before', 'before=earliest&after=earliest'],
    ['filter', 'filter=funny'],
    ['limit', 'limit=-1'],
  ])('refuses a bad %s', async (path, query) => {
    const answer = await list(query);

    expect(problemOf(answer as unknown as Answer)).toEqual({ status: 400, code: 'invalid_request' });
    expect((answer.body as unknown as { errors: unknown }).errors).toEqual([
      expect.objectContaining({ path }),
    ]);
  });
});

describe('a state', () => {
  let id: number;
  beforeEach(async () => {
    id = (await send({ userId: reader.user.id, message: 'Hello' })).body.id;
  });

  it('read means seen, and leaves the counts', async () => {
    const answer = await mark(id, { isRead: true });

    expect(answer).toMatchObject({ status: 200, body: { isRead: true, isSeen: true, isArchived: false } });
    expect(await counts()).toEqual({ unseen: 0, unread: 0 });
  });

  it('seen leaves it unread', async () => {
    const answer = await mark(id, { isSeen: true });

    expect(answer.body).toMatchObject({ isRead: false, isSeen: true });
    expect(await counts()).toEqual({ unseen: 0, unread: 1 });
  });

  it('can be taken back', async () => {
    await mark(id, { isRead: true, isArchived: true });

    const answer = await mark(id, { isRead: false, isArchived: false });

    expect(answer.body).toMatchObject({ isRead: false, isSeen: true, isArchived: false });
    expect(await counts()).toEqual({ unseen: 0, unread: 1 });
  });

  it('that contradicts itself is refused', async () => {
    const answer = await mark(id, { isRead: true, isSeen: false });

    expect(problemOf(answer as unknown as Answer)).toEqual({ status: 400, code: 'invalid_request' });
    expect(await counts()).toEqual({ unseen: 1, unread: 1 });
  });

  it('of another’s notification is not found, and stays', async () => {
    const answer = await ask(`${clinic.url}/api/notifications/${id}`, {
      token: operator.token,
      method: 'PATCH',
      body: { isRead: true },
    });

    expect(problemOf(answer)).toEqual({ status: 404, code: 'not_found' });
    expect(await counts()).toEqual({ unseen: 1, unread: 1 });
  });
});

describe('read-all', () => {
  it('leaves what came after the cursor unread', async () => {
    await send({ userId: reader.user.id, message: 'Shown' });
    await send({ userId: reader.user.id, message: 'Shown too' });
    const { cursor } = (await list()).body;
    await send({ userId: reader.user.id, message: 'Came during the click' });

    const answer = await post('read-all', { upTo: cursor });

    expect(answer).toMatchObject({ status: 200, body: { changed: 2 } });
    expect(await counts()).toEqual({ unseen: 1, unread: 1 });
    expect((await post('read-all', { upTo: cursor })).body).toEqual({ changed: 0 });
  });

  it.each([{}, { upTo: 'nonsense' }, { upTo: 7 }])('with %j is refused', async (body) => {
    expect(problemOf(await post('read-all', body))).toEqual({ status: 400, code: 'invalid_request' });
  });

  it('with a cursor of another inbox is refused', async () => {
    const other = await send({ userId: operator.user.id, message: 'Yours' });

    const answer = await post('read-all', { upTo: other.body.cursor });

    expect(problemOf(answer)).toEqual({ status: 410, code: 'cursor_reset' });
  });
});

it('an ack sets when it was delivered', async () => {
  const { body } = await send({ userId: reader.user.id, message: 'Hello' });

  const answer = await post('ack', { upTo: body.cursor });

  expect(answer.status).toBe(204);
  const [item] = (await list()).body.items;
  expect(item).toMatchObject({ isRead: false, isSeen: false });
  expect(Date.parse(item!.deliveredAt!)).toBeLessThanOrEqual(Date.now());
});

describe('an announcement', () => {
  it('by an operator reaches the topic', async () => {
    const heard: Message[] = [];
    subscribe('/topic/announcements', heard);

    const answer = await ask(`${clinic.url}/api/announcements`, {
      token: operator.token,
      body: { message: 'We close at noon' },
    });

    expect(answer.status).toBe(202);
    expect(heard).toHaveLength(1);
    expect(heard[0]!.headers.get('event-type')).toBe('announcement');
    expect(JSON.parse(Buffer.from(heard[0]!.body).toString())).toMatchObject({ message: 'We close at noon' });
  });

  it('by anybody else is forbidden and reaches nobody', async () => {
    const heard: Message[] = [];
    subscribe('/topic/announcements', heard);

    const answer = await ask(`${clinic.url}/api/announcements`, {
      token: reader.token,
      body: { message: 'Free cake' },
    });

    expect(problemOf(answer)).toEqual({ status: 403, code: 'forbidden' });
    expect(heard).toEqual([]);
  });
});

function list(query = ''): Promise<Answer<Page>> {
  return ask(`${clinic.url}/api/notifications?${query}`, { token: reader.token });
}

async function counts(): Promise<unknown> {
  return (await ask(`${clinic.url}/api/notifications/counts`, { token: reader.token })).body;
}

function send(body: Record<string, unknown>): Promise<Answer<Notification>> {
  return ask(`${clinic.url}/api/notifications`, { token: operator.token, body });
}

function mark(id: number, body: Record<string, unknown>): Promise<Answer<Notification>> {
  return ask(`${clinic.url}/api/notifications/${id}`, { token: reader.token, method: 'PATCH', body });
}

function post(path: string, body: unknown): Promise<Answer> {
  return ask(`${clinic.url}/api/notifications/${path}`, { token: reader.token, body });
}

function seqs(page: Page): number[] {
  return page.items.map(({ seq }) => seq);
}

function pushesTo({ user }: Login): Message[] {
  const pushed: Message[] = [];
  subscribe(userAddress(user.email, '/queue/notifications'), pushed);
  return pushed;
}

function subscribe(address: string, heard: Message[]): void {
  clinic.application.get(Broker).subscribe(address, {
    deliver: (message) => heard.push(message),
    hasCapacity: () => true,
    onCapacity: () => undefined,
  });
}
