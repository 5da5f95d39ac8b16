import { readFile } from 'node:fs/promises';
import { io, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { MessagesService } from '../../src/clinic/conversations/messages.service.js';
import { UserRegistry } from '../../src/library/nest/user-registry.js';
import { ask, signIn, type Login } from '../rest/clinic.js';
import { DistantClinic } from './distant-clinic.js';
import { next } from './socket-io-app.js';

interface Message {
  readonly id: number;
  readonly text: string;
  readonly cursor: string;
  readonly status: string;
}

interface Page {
  readonly items: readonly Message[];
  readonly cursor: string;
}

// The client of the casting platform's document: its code as it is printed there, and its words and paths.
let distant: DistantClinic;
let doctor: Login;
let patient: Login;
let path: string;
const sockets: Socket[] = [];

beforeAll(async () => {
  distant = await DistantClinic.open();
  doctor = await signIn(distant.clinic, 'doctor');
  patient = await signIn(distant.clinic, 'patient');
  const { body } = await ask<{ id: number }>(`${distant.url}/messages/conversations`, {
    token: doctor.token,
    body: { memberIds: [patient.user.id] },
  });
  path = `/messages/conversations/${body.id}`;
});
afterEach(() => sockets.splice(0).forEach((socket) => socket.disconnect()));
afterAll(() => distant.close());

it('what is sent to the other’s path is on the screen, with who types, and its sender hears that it was read', async () => {
  const [mine, theirs] = await Promise.all([openPage(doctor), openPage(patient)]);

  const typing = next(theirs.socket, 'user-typing');
  mine.socket.emit('typing-start', idOfConversation());
  await typing;
  const [heard, stopped] = [next(theirs.socket, 'new-message'), next(theirs.socket, 'user-stop-typing')];
  const { status } = await send(doctor, 'Are you well?');
  await Promise.all([heard, stopped]);

  const read = next(mine.socket, 'messages-read');
  await ask(`${address()}${path}/read`, { token: patient.token, method: 'PATCH' });
  const { messageIds } = (await read)[0] as { messageIds: number[] };
  const { items } = await messages(doctor);

  expect(status).toBe(201);
  expect(theirs.messages.map(({ text }) => text)).toEqual(['Are you well?']);
  expect(mine.messages).toMatchObject(theirs.messages.map(({ id, text }) => ({ id, text })));
  expect(theirs.typing).toEqual([
    ['start', { conversationId: idOfConversation(), userId: doctor.user.id }],
    ['stop', { conversationId: idOfConversation(), userId: doctor.user.id }],
  ]);
  expect(messageIds).toEqual(items.map(({ id }) => id));
  expect(items).toMatchObject([{ status: 'read' }]);
});

it('what the server sends to a conversation is on all screens', async () => {
  const pages = await Promise.all([openPage(doctor), openPage(patient)]);
  const heard = pages.map(({ socket }) => next(socket, 'new-message'));
  const service = distant.clinic.application.get(MessagesService, { strict: false });
  const { broadcast } = await printed<{
    broadcast(global: object, conversationId: number, message: object): Promise<void>;
  }>(
    `export const broadcast = async (global, conversationId, message) => { ${serverSide(await fence('Message Broadcasting'))} };`,
  );

  const message = { senderId: doctor.user.id, text: 'Come at nine' };
  await broadcast(
    { socketService: { sendMessageToConversation: service.send.bind(service) } },
    idOfConversation(),
    message,
  );
  await Promise.all(heard);

  for (const { messages: shown } of pages) expect(shown).toMatchObject([message]);
});

it.each([
  ['a cut of the network', async () => distant.cut()],
  ['a restart of the server', () => distant.restart()],
  [
    'an end by the server',
    async () => {
      distant.clinic.application
        .get(UserRegistry)
        .disconnect({ user: patient.user.email }, 'heartbeat_timeout');
    },
  ],
])('after %s it comes back by itself, and has missed nothing', async (_, happen) => {
  const { socket, messages: shown } = await openPage(patient);
  const { cursor } = await messages(patient);
  const isBack = next(socket, 'connect');

  await happen();
  await ask(`${distant.clinic.url}${path}/messages`, { token: doctor.token, body: { text: 'Meanwhile' } });
  await isBack;
  const missed = await messages(patient, `?after=${cursor}`);
  const heard = next(socket, 'new-message');
  await send(doctor, 'Afterwards');
  await heard;

  expect(missed.items.map(({ text }) => text)).toEqual(['Meanwhile']);
  expect(shown.at(-1)).toMatchObject({ text: 'Afterwards' });
});

it('its debugging lines, which give no token, are refused in the words that it expects', async () => {
  const { connect } = await printed<{ connect(socketIo: typeof io, process: object): Socket }>(
    `export const connect = (io, process) => { ${await fence('Client-Side Debugging')} return socket; };`,
  );

  const socket = connect(io, { env: { REACT_APP_API_URL: address() } });
  sockets.push(socket);
  const [refused] = (await next(socket, 'connect_error')) as [Error];

  expect(refused.message).toBe('Authentication error: Invalid token');
});

interface Screen {
  readonly socket: Socket;
  readonly messages: readonly Message[];
  readonly typing: readonly unknown[];
}

/** What the document prints, in a page whose socket service is as it describes it. */
async function openPage({ token }: Login): Promise<Screen> {
  const typing: unknown[] = [];
  const noteTyping = (word: string) => (heard: object) => {
    const { conversationId, userId } = heard as { conversationId: number; userId: number };
    typing.push([word, { conversationId, userId }]);
  };
  const shown: Message[] = [];
  const setMessages = (change: (before: Message[]) => Message[]): void => {
    shown.splice(0, shown.length, ...change([...shown]));
  };
  const service = new SocketService();
  const { start } = await printed<{ start(...given: readonly unknown[]): void }>(
    `export const start = (socketService, token, setMessages, handleTypingStart, handleTypingStop) => {
       ${clientSide(await fence('Message Broadcasting'))}
       ${await fence('Client-Side Implementation')}
     };`,
  );
  start(service, token, setMessages, noteTyping('start'), noteTyping('stop'));
  const socket = service.socket;
  if (!socket.connected) await next(socket, 'connect');
  return { socket, messages: shown, typing };
}

/** With the waits, tries and transports of the document's configuration. */
class SocketService {
  #socket: Socket | undefined;

  get socket(): Socket {
    if (!this.#socket) throw new Error('It was not told to connect');
    return this.#socket;
  }

  connect(token: string): void {
    this.#socket = io(address(), {
      auth: { token },
      forceNew: true,
      transports: ['websocket', 'polling'],
      reconnectionDelay: 1_000,
      reconnectionDelayMax: 16_000,
      reconnectionAttempts: 5,
      timeout: 20_000,
    });
    sockets.push(this.#socket);
  }

  on(word: keyof typeof EVENTS, listener: (heard: object) => void): void {
    this.socket.on(EVENTS[word], listener);
  }
}

const EVENTS = {
  'message:new': 'new-message',
  'typing:start': 'user-typing',
  'typing:stop': 'user-stop-typing',
} as const;

function address(): string {
  return distant.url;
}

function idOfConversation(): number {
  return Number(path.split('/').at(-1));
}

function send({ token }: Login, text: string) {
  return ask<Message>(`${address()}${path}/messages`, { token, body: { text } });
}

async function messages({ token }: Login, query = ''): Promise<Page> {
  return (await ask<Page>(`${address()}${path}/messages${query}`, { token })).body;
}

function serverSide(code: string): string {
  return code.split('// Client-side')[0] ?? '';
}

function clientSide(code: string): string {
  return code.split('\n\n')[1] ?? '';
}

async function fence(title: string): Promise<string> {
  const text = await readFile('test/dialects/casting-clients.md', 'utf8');
  const code = new RegExp(`## ${title}\n\n\`\`\`\\w+\n(.*?)\`\`\``, 's').exec(text)?.[1];
  if (code === undefined) throw new Error(`The document has no ${title}`);
  return code;
}

/** Code as a module. */
function printed<Exports>(code: string): Promise<Exports> {
  return import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`) as Promise<Exports>;
}
