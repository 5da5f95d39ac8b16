import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ask, openClinic, problemOf, type Answer, type Clinic } from '../rest/clinic.js';

let clinic: Clinic;
const sockets: Socket[] = [];

afterEach(async () => {
  sockets.splice(0).forEach((socket) => socket.destroy());
  await clinic.close();
});

async function open(environment: Readonly<Record<string, string>>): Promise<void> {
  clinic = await openClinic({ TRUST_PROXY: '127.0.0.1/32', ...environment });
}

describe('password checks', () => {
  it('of a network that asks for many keep another one waiting for one at most', async () => {
    await open({});
    const answered: string[] = [];
    const junk = Array.from({ length: 40 }, (_, i) => {
      const socket = postLogin(`ghost-${i}@example.org`, 'guess', '10.0.0.1');
      return once(socket, 'data').then(() => answered.push('junk'));
    });
    // The first of them has been answered, so the others wait.
    await Promise.race(junk);

    await login('patient@example.org', 'carillon', '10.0.0.2').then(() => answered.push('login'));

    // It was its turn at once; the junk's checks that end while it runs are few.
    expect(answered.indexOf('login')).toBeLessThan(6);
  });

  it('whose client has left are dropped, and are no failures', async () => {
    await open({ LIMIT_LOGIN_FAILURES: '3' });
    const guesses = Array.from({ length: 12 }, (_, i) =>
      postLogin('patient@example.org', `guess ${i}`, '10.0.0.1'),
    );
    await Promise.all(guesses.map((socket) => once(socket, 'connect')));
    // An answer to what came after them, by which they are all known to have been begun.
    await ask(`${clinic.url}/livez`);

    guesses.forEach((socket) => socket.destroy());
    await Promise.all(guesses.map((socket) => once(socket, 'close')));

    expect((await login('patient@example.org', 'carillon', '10.0.0.1')).status).toBe(200);
  });

  it('that were pipelined on one socket are dropped with it', async () => {
    await open({ LIMIT_LOGIN_FAILURES: '3' });
    const guesses = Array.from({ length: 1000 }, (_, i) =>
      request('/api/auth/login', { email: 'patient@example.org', password: `guess ${i}` }, '10.0.0.1'),
    );
    const socket = write(guesses.join(''));
    // The first was found wrong, so the others have been read, as far as they ever will.
    await once(socket, 'data');

    socket.destroy();
    await once(socket, 'close');

    expect((await login('patient@example.org', 'carillon', '10.0.0.1')).status).toBe(200);
  });

  it('that find no room are answered with the real wait, and are no failures', async () => {
    await open({ LIMIT_LOGIN_FAILURES: '4', LIMIT_PASSWORD_CHECKS_WAITING: '2' });

    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => login('patient@example.org', `guess ${i}`, '10.0.0.1')),
    );

    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(3);
    expect(refused).toHaveLength(9);
    expect(problemOf(refused[0]!)).toEqual({ status: 429, code: 'rate_limited' });
    expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect((await login('patient@example.org', 'carillon', '10.0.0.1')).status).toBe(200);
  });

  it('say a wait that grows with what waits', async () => {
    await open({ LIMIT_PASSWORD_CHECKS_WAITING_PER_NETWORK: '60' });
    await login('patient@example.org', 'carillon', '10.0.0.1');
    for (let i = 0; i < 61; i++) postLogin(`ghost-${i}@example.org`, 'guess', '10.0.0.1');
    await ask(`${clinic.url}/livez`);

    const answer = await login('another@example.org', 'guess', '10.0.0.1');

    expect(problemOf(answer)).toEqual({ status: 429, code: 'rate_limited' });
    // Sixty wait, each for some tens of milliseconds at the very least.
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(1);
  });

  it('for logins do not wait for those of registrations', async () => {
    await open({});
    const answered: string[] = [];
    const registrations = Array.from({ length: 20 }, (_, i) => {
      const socket = postRegistration(`new-${i}`, `10.1.${i}.1`);
      return once(socket, 'data').then(() => answered.push('registration'));
    });
    await Promise.race(registrations);

    await login('patient@example.org', 'carillon', '10.0.0.2').then(() => answered.push('login'));

    expect(answered.indexOf('login')).toBeLessThan(6);
  });

  it('of CONNECT that find no room are rate_limited with the wait in milliseconds', async () => {
    await open({ LIMIT_PASSWORD_CHECKS_WAITING: '1' });

    const errors = await Promise.all(
      Array.from({ length: 8 }, (_, i) => refusedConnect(`ghost-${i}@example.org`, 'guess')),
    );

    const refused = errors.filter(({ code }) => code === 'rate_limited');
    expect(refused.length).toBeGreaterThan(0);
    expect(Number(refused[0]!['retry-after-ms'])).toBeGreaterThan(0);
  });

  it('of CONNECT whose socket is gone are dropped, and are no failures', async () => {
    await open({ LIMIT_LOGIN_FAILURES: '3' });
    const guesses = await Promise.all(Array.from({ length: 10 }, openStomp));
    guesses.forEach((socket, i) => socket.send(connectFrame('patient@example.org', `guess ${i}`)));
    await ask(`${clinic.url}/livez`);

    guesses.forEach((socket) => socket.terminate());
    await Promise.all(guesses.map((socket) => once(socket, 'close')));

    expect((await login('patient@example.org', 'carillon', '127.0.0.1')).status).toBe(200);
  });
});

function login(email: string, password: string, from: string): Promise<Answer> {
  return ask(`${clinic.url}/api/auth/login`, {
    body: { email, password },
    headers: { 'X-Forwarded-For': from },
  });
}

function postLogin(email: string, password: string, from: string): Socket {
  return post('/api/auth/login', { email, password }, from);
}

function postRegistration(name: string, from: string): Socket {
  return post('/api/auth/register', { email: `${name}@example.org`, password: 'long enough', name }, from);
}

/** On a socket of its own, which may be gone before the answer. */
function post(path: string, content: object, from: string): Socket {
  return write(request(path, content, from));
}

function write(text: string): Socket {
  const socket = connect(Number(new URL(clinic.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(text);
  sockets.push(socket);
  return socket;
}

function request(path: string, content: object, from: string): string {
  const body = JSON.stringify(content);
  return (
    `POST ${path} HTTP/1.1\r\nHost: ${new URL(clinic.url).host}\r\nX-Forwarded-For: ${from}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}

async function openStomp(): Promise<WebSocket> {
  const socket = new WebSocket(`${clinic.url.replace('http', 'ws')}/stomp`, ['v12.stomp']);
  await once(socket, 'open');
  return socket;
}

function connectFrame(login: string, passcode: string): string {
  return `CONNECT\naccept-version:1.2\nhost:localhost\nlogin:${login}\npasscode:${passcode}\n\n\0`;
}

/** The headers of the ERROR that it is answered with. */
async function refusedConnect(login: string, passcode: string): Promise<Record<string, string>> {
  const socket = await openStomp();
  socket.send(connectFrame(login, passcode));
  const [data] = (await once(socket, 'message')) as [Buffer];
  const [head = ''] = data.toString().split('\n\n');
  const [command, ...headers] = head.split('\n');
  expect(command).toBe('ERROR');
  return Object.fromEntries(headers.map((line) => line.split(':', 2) as [string, string]));
}
