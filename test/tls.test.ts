import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTcp } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { Client } from '@stomp/stompjs';
import { io } from 'socket.io-client';
import { Agent, fetch } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { loadSettings, SettingsError } from '../src/config.js';
import { StompEndpoints } from '../src/library/nest/stomp-endpoints.js';
import { openClinic, type Clinic } from './rest/clinic.js';

const hasOpenSsl = ((): boolean => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

const directory = mkdtempSync(join(tmpdir(), 'carillon-tls-'));
const certFile = join(directory, 'cert.pem');
const keyFile = join(directory, 'key.pem');
const files = { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile };

/** A certificate of its own authority for localhost, where `name` is read back. */
function makeCertificate(name: string, cert = certFile, key = keyFile): void {
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ].concat(...['-keyout', key, '-out', cert], subject),
    { stdio: 'ignore' },
  );
}

describe.skipIf(!hasOpenSsl)('TLS in the process (needs openssl for a certificate)', () => {
  let clinic: Clinic;
  let url: string;
  let ca: string;
  let token: string;

  beforeAll(async () => {
    makeCertificate('first');
    clinic = await openClinic({
      ...files,
      STOMP_TCP_PORT: '0',
      LIMIT_TLS_LOOK_MS: '50',
      LIMIT_TLS_HANDSHAKE_MS: '300',
    });
    url = clinic.url.replace('http:', 'https:');
    ca = readFileSync(certFile, 'utf8');
    const response = await fetch(`${url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'patient@example.org', password: 'carillon' }),
      dispatcher: new Agent({ connect: { ca } }),
    });
    ({ token } = (await response.json()) as { token: string });
  });
  afterAll(async () => {
    await clinic.close();
    rmSync(directory, { recursive: true });
  });

  async function stompOver(open: () => unknown): Promise<string> {
    const client = new Client({
      webSocketFactory: () => open() as globalThis.WebSocket,
      connectHeaders: { Authorization: `Bearer ${token}` },
      reconnectDelay: 0,
    });
    const said = new Promise<string>((resolve) => {
      client.onConnect = ({ command }) => resolve(command);
      client.onWebSocketClose = () => resolve('closed');
    });
    client.activate();
    const command = await said;
    await client.deactivate();
    return command;
  }

  it('carries STOMP over wss', async () => {
    expect(await stompOver(() => new WebSocket(`${url.replace('https', 'wss')}/stomp`, { ca }))).toBe(
      'CONNECTED',
    );
  });

  it('carries SockJS over https', async () => {
    const agent = new Agent({ connect: { ca } });
    const session = `${url}/ws/000/${Date.now()}`;
    const opened = await fetch(`${session}/xhr`, { method: 'POST', dispatcher: agent });
    expect(await opened.text()).toBe('o\n');
    const frame = `CONNECT\nAuthorization:Bearer ${token}\naccept-version:1.2\n\n\0`;
    const sent = await fetch(`${session}/xhr_send`, {
      method: 'POST',
      body: JSON.stringify([frame]),
      dispatcher: agent,
    });
    const polled = await fetch(`${session}/xhr`, { method: 'POST', dispatcher: agent });

    expect(sent.status).toBe(204);
    expect(await polled.text()).toContain('CONNECTED');
    await agent.destroy();
  });

  it('carries event streams', async () => {
    const agent = new Agent({ connect: { ca } });
    const stream = await fetch(`${url}/api/notifications/stream`, {
      headers: { authorization: `Bearer ${token}` },
      dispatcher: agent,
    });

    expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
    await agent.destroy();
  });

  it('carries JSON sockets', async () => {
    const socket = new WebSocket(`${url.replace('https', 'wss')}/notifications?token=${token}`, { ca });
    const [message] = (await once(socket, 'message')) as [Buffer];

    expect(JSON.parse(message.toString())).toMatchObject({ type: 'authenticated' });
    socket.terminate();
  });

  it.each(['polling', 'websocket'])('carries Socket.IO over %s', async (transport) => {
    const socket = io(url, { auth: { token }, transports: [transport], ca, forceNew: true });
    await new Promise((resolve, reject) => {
      socket.once('connect', () => resolve(undefined));
      socket.once('connect_error', reject);
    });

    expect(socket.connected).toBe(true);
    socket.disconnect();
  });

  it('carries STOMP over TCP', async () => {
    const port = clinic.application.get(StompEndpoints).tcpPort ?? 0;
    const socket = connect({ port, host: '127.0.0.1', ca, servername: 'localhost' }).setEncoding('utf8');
    socket.write(`CONNECT\nAuthorization:Bearer ${token}\naccept-version:1.2\n\n\0`);
    const [answer] = (await once(socket, 'data')) as [string];

    expect(answer).toMatch(/^CONNECTED\n/);
    socket.destroy();
  });

  it.each(['its port', 'TCP'])('ends who says nothing, or no TLS, on %s', async (where) => {
    const port = where === 'TCP' ? clinic.application.get(StompEndpoints).tcpPort : Number(new URL(url).port);
    const silent = connectTcp(port ?? 0, '127.0.0.1');
    const plain = connectTcp(port ?? 0, '127.0.0.1');
    plain.on('error', () => undefined);
    plain.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');

    await Promise.all([silent, plain].map(async (socket) => once(socket.resume(), 'close')));

    expect(await named()).toBe('first');
  });

  /** Who the certificate that is offered now is for. */
  async function named(): Promise<string> {
    const socket = await offered();
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return String(subject.CN);
  }

  async function offered(): Promise<TLSSocket> {
    const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    return socket;
  }

  it('reads a new certificate, keeps connections, and keeps the old one where the new is none', async () => {
    const socket = new WebSocket(`${url.replace('https', 'wss')}/notifications?token=${token}`, { ca });
    await once(socket, 'message');

    writeFileSync(certFile, 'half a certifi');
    // Longer than it takes to look at the files, so that one look has seen this.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await named()).toBe('first');
    makeCertificate('second');
    await expect.poll(named, { timeout: 10_000 }).toBe('second');

    socket.send('{"action":"ping"}');
    const [message] = (await once(socket, 'message')) as [Buffer];
    expect(JSON.parse(message.toString())).toMatchObject({ type: 'pong' });
    socket.terminate();
  });

  it('has a port of its own, with HTTP staying where it is', async () => {
    makeCertificate('third');
    const both = await openClinic({ ...files, TLS_PORT: '0' });
    const { tlsPort } = both.application.get(StompEndpoints);
    const dispatcher = new Agent({ connect: { ca: readFileSync(certFile, 'utf8') } });

    const answers = [
      await fetch(`${both.url}/livez`),
      await fetch(`https://127.0.0.1:${tlsPort}/livez`, { dispatcher }),
    ];
    const socket = new WebSocket(`wss://127.0.0.1:${tlsPort}/stomp`, {
      ca: readFileSync(certFile, 'utf8'),
      origin: `https://127.0.0.1:${tlsPort}`,
    });
    await once(socket, 'open');

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    socket.terminate();
    await dispatcher.destroy();
    await both.close();
  });

  it.each([
    ['a file that is missing', { TLS_KEY_FILE: '/nowhere/key.pem' }, /can't be read/],
    ['one file alone', { TLS_KEY_FILE: '' }, /TLS_KEY_FILE is missing/],
    [
      'a port without files',
      { TLS_CERT_FILE: '', TLS_KEY_FILE: '', TLS_PORT: '8443' },
      /needs TLS_CERT_FILE/,
    ],
    ['the same port', { PORT: '8443', TLS_PORT: '8443' }, /TLS_PORT is PORT/],
    ['another key', { TLS_KEY_FILE: join(directory, 'other.pem') }, /are no certificate with its key/],
  ])('%s is told at the start', (_, given, sentence) => {
    makeCertificate('other', join(directory, 'other-cert.pem'), join(directory, 'other.pem'));

    expect(() => loadSettings({ JWT_SECRET: 'x'.repeat(32), ...files, ...given })).toThrow(SettingsError);
    expect(() => loadSettings({ JWT_SECRET: 'x'.repeat(32), ...files, ...given })).toThrow(sentence);
  });
});
