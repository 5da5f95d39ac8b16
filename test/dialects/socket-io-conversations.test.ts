import { io, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { ask, newPatient, openClinic, signIn, type Clinic, type Login } from '../rest/clinic.js';
import { connected, next } from './socket-io-app.js';

// The casting platform's client: its events by their names, its messages over its own path.
let clinic: Clinic;
let doctor: Login;
let patient: Login;
let id: number;
const sockets: Socket[] = [];

beforeAll(async () => {
  clinic = await openClinic();
  doctor = await signIn(clinic, 'doctor');
  patient = await newPatient(clinic);
  const { body } = await ask<{ id: number }>(`${clinic.url}/api/conversations`, {
    token: doctor.token,
    body: { memberIds: [patient.user.id] },
  });
  ({ id } = body);
});
afterEach(() => sockets.splice(0).forEach((socket) => socket.disconnect()));
afterAll(() => clinic.close());

function connect(token: string): Promise<Socket> {
  const socket = io(clinic.url, { auth: { token }, forceNew: true });
  sockets.push(socket);
  return connected(socket);
}

it('two people write, type and read, and each hears the other', async () => {
  const [mine, theirs] = await Promise.all([connect(doctor.token), connect(patient.token)]);

  const typing = next(theirs, 'user-typing');
  expect(await mine.emitWithAck('join-conversation', id)).toEqual({ ok: true });
  expect(await mine.emitWithAck('typing-start', id)).toEqual({ ok: true });
  expect((await typing)[0]).toMatchObject({ conversationId: id, userId: doctor.user.id });

  const [message, bell] = [next(theirs, 'new-message'), next(theirs, 'notification')];
  const { status } = await ask(`${clinic.url}/messages/conversations/${id}/messages`, {
    token: doctor.token,
    body: { text: 'Hello' },
  });
  expect(status).toBe(201);
  const [said] = (await message) as [{ message: { id: number } }];
  expect(said).toMatchObject({ conversationId: id, message: { text: 'Hello' } });
  expect((await bell)[0]).toMatchObject({ type: 'conversation.message', conversationId: id });

  const read = next(mine, 'messages-read');
  const marked = { conversationId: id, messageIds: [said.message.id] };
  expect(await theirs.emitWithAck('mark-read', marked)).toEqual({ ok: true });
  expect((await read)[0]).toMatchObject({ ...marked, readBy: patient.user.id });
});

it.each([
  ['join-conversation', 0],
  ['typing-start', { toString: 1 }],
  ['mark-read', null],
  ['send-message', { conversationId: '../7', text: 'x' }],
])('%s of %j is refused, and the connection goes on', async (event, value) => {
  const socket = await connect(doctor.token);

  expect(await socket.emitWithAck(event, value)).toMatchObject({ ok: false });
  expect(await socket.emitWithAck('join-conversation', id)).toEqual({ ok: true });
});

it('a stranger hears that it is forbidden', async () => {
  const socket = await connect((await newPatient(clinic)).token);

  expect(await socket.emitWithAck('join-conversation', id)).toMatchObject({ error: { code: 'forbidden' } });
});
