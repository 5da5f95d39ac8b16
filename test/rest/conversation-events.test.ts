import { Client, type IFrame, type IMessage } from '@stomp/stompjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Store } from '../../src/library/store/store.js';
import { rowsOf } from '../../src/library/store/rows.js';
import { postgres, sqlite } from '../databases.js';
import { ask, newPatient, openClinic, signIn, type Clinic, type Login } from './clinic.js';

interface Heard {
  readonly name: string | undefined;
  readonly body: Record<string, unknown> & {
    readonly message?: { readonly seq: number; readonly text: string };
  };
}

/** A member's client, and what it has heard so far. */
class Listener {
  readonly heard: Heard[] = [];
  /** Ids of messages, in the order in which they came. */
  readonly ids: string[] = [];
  readonly errors: IFrame[] = [];
  #wake: () => void = () => {};

  private constructor(readonly client: Client) {}

  static async connect(clinic: Clinic, { token }: Login): Promise<Listener> {
    const client = new Client({
      webSocketFactory: () =>
        new WebSocket(`${clinic.url.replace('http', 'ws')}/stomp`, ['v12.stomp']) as never,
      connectHeaders: { Authorization: `Bearer ${token}` },
      reconnectDelay: 0,
    });
    const listener = new Listener(client);
    listeners.push(listener);
    client.onStompError = (frame) => {
      listener.errors.push(frame);
      listener.#wake();
    };
    await new Promise<void>((resolve) => {
      client.onConnect = () => resolve();
      client.activate();
    });
    return listener;
  }

  async subscribe(destination: string, headers: Record<string, string> = {}): Promise<void> {
    await this.#receipted((receipt) =>
      this.client.subscribe(destination, (message) => this.#hear(message), { receipt, ...headers }),
    );
  }

  async send(destination: string, body: unknown): Promise<void> {
    const text = body === undefined ? '' : JSON.stringify(body);
    await this.#receipted((receipt) =>
      this.client.publish({ destination, body: text, headers: { receipt } }),
    );
  }

  /** Resolves with the first of that name that hasn't been taken. */
  async next(name: string, matches: (heard: Heard) => boolean = () => true): Promise<Heard['body']> {
    for (;;) {
      const at = this.heard.findIndex((one) => one.name === name && matches(one));
      const [found] = at < 0 ? [] : this.heard.splice(at, 1);
      if (found) return found.body;
      await this.#news();
    }
  }

  async error(): Promise<IFrame> {
    while (this.errors.length === 0) await this.#news();
    return this.errors[0] as IFrame;
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #hear({ headers, body, ack }: IMessage): void {
    this.heard.push({ name: headers['event-type'], body: JSON.parse(body) as Heard['body'] });
    this.ids.push(String(headers['message-id']));
    if (headers['ack']) ack();
    this.#wake();
  }

  #receipted(send: (receipt: string) => void): Promise<void> {
    const receipt = `r-${++receipts}`;
    return new Promise((resolve) => {
      this.client.watchForReceipt(receipt, () => resolve());
      send(receipt);
    });
  }
}

let receipts = 0;
const listeners: Listener[] = [];
const QUEUE = '/user/queue/conversations';

afterEach(async () => {
  await Promise.all(listeners.splice(0).map(({ client }) => client.deactivate({ force: true })));
});

interface Conversation {
  readonly id: number;
  readonly cursor: string;
}

async function begun(clinic: Clinic, as: Login, ...others: readonly Login[]): Promise<Conversation> {
  const memberIds = others.map(({ user }) => user.id);
  const { body } = await ask<Conversation>(`${clinic.url}/api/conversations`, {
    token: as.token,
    body: { memberIds },
  });
  return body;
}

function call(clinic: Clinic, as: Login, path: string, options: Parameters<typeof ask>[1] = {}) {
  return ask(`${clinic.url}/api/conversations${path}`, { token: as.token, ...options });
}

function say(clinic: Clinic, as: Login, { id }: Conversation, text: string) {
  return call(clinic, as, `/${id}/messages`, { body: { text } });
}

describe('the events of a conversation', () => {
  let clinic: Clinic;
  let doctor: Login;
  let colleague: Login;
  let operator: Login;
  let patient: Login;

  beforeAll(async () => {
    clinic = await openClinic({
      AUTHZ: 'open',
      LIMIT_TYPING_MS: '300',
      LIMIT_TYPING_EVERY_MS: '200',
      LIMIT_CONVERSATION_BELL_MS: '50',
    });
    doctor = await signIn(clinic, 'doctor');
    colleague = await signIn(clinic, 'doctor2');
    operator = await signIn(clinic, 'operator');
  });
  beforeEach(async () => {
    patient = await newPatient(clinic);
  });
  afterAll(() => clinic.close());

  it('bring a message to all that its members have open, the sender’s other devices too', async () => {
    const conversation = await begun(clinic, patient, doctor);
    const [phone, desktop, there] = [
      await Listener.connect(clinic, patient),
      await Listener.connect(clinic, patient),
      await Listener.connect(clinic, doctor),
    ];
    for (const listener of [phone, desktop, there]) await listener.subscribe(QUEUE);

    await phone.send(`/app/conversations/${conversation.id}/message`, { text: 'Hello', clientId: 'c' });

    for (const listener of [phone, desktop, there])
      expect(await listener.next('new-message')).toEqual({
        conversationId: conversation.id,
        message: expect.objectContaining({ seq: 1, text: 'Hello', clientId: 'c', status: 'sent' }) as unknown,
      });
    // One message, and not one for each member.
    expect(there.ids.filter((id) => phone.ids.includes(id))).toHaveLength(1);
    // Its beginning may have been told before.
    const changed = await there.next('conversation-updated', ({ body }) =>
      JSON.stringify(body).includes('"lastSeq":1'),
    );
    expect(changed).toMatchObject({
      conversationId: conversation.id,
      conversation: { unread: 1, lastSeq: 1 },
    });
  });

  it('say how far somebody has read, and how far messages have arrived', async () => {
    const conversation = await begun(clinic, patient, doctor);
    const sender = await Listener.connect(clinic, patient);
    await sender.subscribe(QUEUE);
    await say(clinic, patient, conversation, 'One');
    const { body } = await say(clinic, patient, conversation, 'Two');

    await call(clinic, doctor, `/${conversation.id}/delivered`, { body: { upTo: 1 } });
    expect(await sender.next('messages-delivered')).toEqual({
      conversationId: conversation.id,
      upTo: 1,
      userId: doctor.user.id,
    });
    const reader = await Listener.connect(clinic, doctor);
    await reader.send(`/app/conversations/${conversation.id}/read`, undefined);
    const read = await sender.next('messages-read');

    expect(read).toMatchObject({ conversationId: conversation.id, readBy: doctor.user.id, upTo: 2 });
    expect((read['messageIds'] as number[]).at(-1)).toBe(body['id']);
    expect(read['messageIds']).toHaveLength(2);
  });

  it('say who types, until they have said it, have stopped, have gone, or for a while', async () => {
    const conversation = await begun(clinic, patient, doctor);
    const there = await Listener.connect(clinic, doctor);
    await there.subscribe(QUEUE);
    const typist = await Listener.connect(clinic, patient);
    const path = `/app/conversations/${conversation.id}`;
    const ends: (() => Promise<unknown>)[] = [
      () => typist.send(`${path}/typing-stop`, undefined),
      () => typist.send(`${path}/message`, { text: 'There' }),
      () => Promise.resolve(),
      () => typist.client.deactivate({ force: true }),
    ];

    for (const end of ends) {
      await typist.send(`${path}/typing-start`, undefined);
      await typist.send(`${path}/typing-start`, undefined);
      expect(await there.next('user-typing')).toEqual({
        conversationId: conversation.id,
        userId: patient.user.id,
        userName: 'Rita Reader',
        expiresInMs: 300,
      });
      await end();
      const stopped = { conversationId: conversation.id, userId: patient.user.id };
      expect(await there.next('user-stop-typing')).toEqual(stopped);
    }
    expect(there.heard.filter(({ name }) => name === 'user-typing')).toEqual([]);
  });

  it('say it seldom, however often one begins and stops', async () => {
    const conversation = await begun(clinic, patient, doctor);
    const there = await Listener.connect(clinic, doctor);
    await there.subscribe(QUEUE);
    const typist = await Listener.connect(clinic, patient);
    const path = `/app/conversations/${conversation.id}`;
    const begunAt = performance.now();

    for (let i = 0; i < 100; i++) {
      await typist.send(`${path}/typing-start`, undefined);
      await typist.send(`${path}/typing-stop`, undefined);
    }
    await typist.send(`${path}/message`, { text: 'There' });
    await there.next('new-message');

    const told = there.heard.filter(({ name }) => name === 'user-typing');
    expect(told.length).toBeGreaterThan(0);
    expect(told.length).toBeLessThanOrEqual(1 + (performance.now() - begunAt) / 200);
  });

  it.each([
    ['message', { text: 'Let me in' }],
    ['join', undefined],
    ['leave', undefined],
    ['typing-start', undefined],
    ['typing-stop', undefined],
    ['read', {}],
  ])('are nothing that a stranger causes: SEND to …/%s is forbidden', async (word, body) => {
    const { id } = await begun(clinic, patient, doctor);
    const stranger = await Listener.connect(clinic, colleague);

    stranger.client.publish({
      destination: `/app/conversations/${id}/${word}`,
      body: body === undefined ? '' : JSON.stringify(body),
    });

    expect((await stranger.error()).headers['code']).toBe('forbidden');
  });

  it('ring once in the inbox of a member who is away, and what rang is read with the messages', async () => {
    const conversation = await begun(clinic, doctor, patient);
    const away = await Listener.connect(clinic, patient);
    await away.subscribe('/user/queue/notifications');
    await say(clinic, doctor, conversation, 'A SECRET MARKER');
    const rang = await away.next('conversation.message');
    await say(clinic, doctor, conversation, 'More');

    const inbox = () =>
      ask<{ items: object[]; counts: { unread: number } }>(`${clinic.url}/api/notifications`, {
        token: patient.token,
      });
    expect(rang).toMatchObject({
      data: { conversationId: conversation.id, senderId: doctor.user.id, seq: 1 },
    });
    expect(JSON.stringify(rang)).not.toContain('MARKER');
    await away.subscribe('/user/queue/inbox');
    await call(clinic, patient, `/${conversation.id}/read`, { method: 'PATCH' });
    await away.next('inbox', ({ body }) => (body['counts'] as { unread: number }).unread === 0);
    expect((await inbox()).body.items).toHaveLength(1);
  });

  it('tell all members that it is gone, and one who was sent away', async () => {
    const conversation = await begun(clinic, doctor, patient, operator);
    const [gone, stays] = [await Listener.connect(clinic, patient), await Listener.connect(clinic, operator)];
    for (const listener of [gone, stays]) await listener.subscribe(QUEUE);

    await call(clinic, doctor, `/${conversation.id}/members/${patient.user.id}`, { method: 'DELETE' });
    expect(await gone.next('conversation-deleted')).toEqual({ conversationId: conversation.id });
    const { conversation: changed } = await stays.next(
      'conversation-updated',
      ({ body }) => (body['conversation'] as { members: object[] }).members.length === 2,
    );
    expect(changed).toMatchObject({ id: conversation.id });

    await call(clinic, doctor, `/${conversation.id}`, { method: 'DELETE' });
    expect(await stays.next('conversation-deleted')).toEqual({ conversationId: conversation.id });
  });

  it('are kept as a log at an address of its own: verdict, what was missed, live, and ACK is arrival', async () => {
    const conversation = await begun(clinic, patient, doctor);
    await say(clinic, patient, conversation, 'One');
    await say(clinic, patient, conversation, 'Two');
    const sender = await Listener.connect(clinic, patient);
    await sender.subscribe(QUEUE);

    const reader = await Listener.connect(clinic, doctor);
    const since = conversation.cursor.replace(':0', ':1');
    await reader.subscribe(`/topic/conversations.${conversation.id}`, { since, ack: 'client' });
    expect(await reader.next('resume')).toMatchObject({ verdict: 'complete' });
    expect(await reader.next('message')).toMatchObject({ seq: 2, text: 'Two', senderName: 'Rita Reader' });
    expect(await sender.next('messages-delivered')).toMatchObject({ upTo: 2 });

    await say(clinic, patient, conversation, 'Three');
    expect(await reader.next('message')).toMatchObject({ seq: 3, text: 'Three' });
  });

  it('are a stream of Server-Sent Events to members, and to nobody else', async () => {
    const { id } = await begun(clinic, patient, doctor);
    const open = (as: Login) =>
      fetch(`${clinic.url}/api/events?topic=/topic/conversations.${id}&since=earliest`, {
        headers: { Authorization: `Bearer ${as.token}` },
      });

    const [own, others] = [await open(patient), await open(operator)];

    expect([own.status, others.status]).toEqual([200, 403]);
    await own.body?.cancel();
  });

  it.each([
    '/topic/conversations.1',
    '/topic/conversations.*',
    '/topic/conversations.01',
    '/topic/conversations.x',
  ])(
    'are at an address that neither a role nor AUTHZ=open opens: SUBSCRIBE to %s is forbidden',
    async (destination) => {
      await begun(clinic, patient, doctor);
      const outsider = await Listener.connect(clinic, operator);

      outsider.client.subscribe(destination, () => {});

      expect((await outsider.error()).headers['code']).toBe('forbidden');
    },
  );

  it('are no place to SEND to', async () => {
    const { id } = await begun(clinic, patient, doctor);
    const member = await Listener.connect(clinic, patient);

    member.client.publish({ destination: `/topic/conversations.${id}`, body: '{}' });

    expect((await member.error()).headers['code']).toBe('forbidden');
  });

  it('reach nobody by a pattern', async () => {
    const conversation = await begun(clinic, patient, doctor);
    const [all, member] = [await Listener.connect(clinic, operator), await Listener.connect(clinic, doctor)];
    await all.subscribe('/topic/**');
    await member.subscribe(`/topic/conversations.${conversation.id}`);

    await say(clinic, patient, conversation, 'Private');
    await member.next('message');
    await all.send('/topic/end', {});

    expect(all.heard.filter(({ name }) => name === 'message')).toEqual([]);
  });
});

describe.each([sqlite, postgres])('who is sent away from a conversation, on $name', (database) => {
  it.skipIf(!database.isHere)('hears and reads nothing that was said after that', async () => {
    const shared = await database.create();
    const clinic = await openClinic({ RELAY_URL: 'none' }, shared);
    const [doctor, colleague] = [await signIn(clinic, 'doctor'), await signIn(clinic, 'doctor2')];
    const patient = await newPatient(clinic);
    const conversation = await begun(clinic, doctor, patient, colleague);
    const gone = await Listener.connect(clinic, patient);
    await gone.subscribe(QUEUE);
    await gone.subscribe(`/topic/conversations.${conversation.id}`);
    const stays = await Listener.connect(clinic, colleague);
    await stays.subscribe(`/topic/conversations.${conversation.id}`);

    const said: Promise<unknown>[] = [];
    for (let i = 0; i < 30; i++) {
      said.push(say(clinic, i % 2 ? doctor : colleague, conversation, `${i}`));
      if (i === 15)
        said.push(
          call(clinic, doctor, `/${conversation.id}/members/${patient.user.id}`, { method: 'DELETE' }),
        );
    }
    await Promise.all(said);
    await stays.next('message', ({ body }) => body['seq'] === 30);
    await gone.next('conversation-deleted');
    await gone.subscribe('/user/queue/x');

    const [row] = await rowsOf<{ left_seq: number }>(
      clinic.application.get(Store).read,
      'select left_seq from conversation_member where user_id = $1',
      [patient.user.id],
    );
    const events = gone.heard.flatMap(({ name, body }) =>
      name === 'new-message' ? (body.message?.seq ?? []) : [],
    );
    const logged = gone.heard.flatMap(({ name, body }) => (name === 'message' ? [Number(body['seq'])] : []));
    const upTo = Array.from({ length: row?.left_seq ?? 0 }, (_, i) => i + 1);
    expect(events).toEqual(upTo);
    expect(logged).toEqual(upTo);
    await Promise.all(listeners.splice(0).map(({ client }) => client.deactivate({ force: true })));
    await clinic.close();
    await shared.drop();
  });
});
