import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { WebSocket, type RawData } from 'ws';
import type { RunningServer } from '../server.js';

/** A STOMP client on one of the transports: text goes, text comes. */
export interface RawClient {
  send(text: string): void;
  /** Resolves when what has come since the last such wait fits; rejects when the connection is over before. */
  until(pattern: RegExp): Promise<void>;
  close(): void;
}

/** A server and its port for plain STOMP, STOMP_TCP_PORT. */
export interface Entrances {
  readonly server: Pick<RunningServer, 'url'>;
  readonly tcpPort: number;
}

type WayIn = (entrances: Entrances) => Promise<RawClient>;

export const waysIn: readonly (readonly [name: string, open: WayIn])[] = [
  ['WebSocket', ({ server }) => overWebSocket(`${server.url}/stomp`, (text) => text)],
  [
    'SockJS over WebSocket',
    ({ server }) => overWebSocket(`${server.url}/ws/000/${newSession()}/websocket`, inEnvelope),
  ],
  ['SockJS over polling', ({ server }) => overPolling(`${server.url}/ws/000/${newSession()}`)],
  ['TCP', ({ tcpPort }) => overTcp(tcpPort)],
];

/** For STOMP_TCP_PORT, where a test has to know it before the server runs. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function overWebSocket(url: string, wrap: (text: string) => string): Promise<RawClient> {
  const heard = new Heard();
  const socket = new WebSocket(url.replace('http', 'ws'));
  socket.on('message', (message: RawData) => heard.add((message as Buffer).toString()));
  socket.on('close', () => heard.end());
  await once(socket, 'open');
  return {
    send: (text) => socket.send(wrap(text)),
    until: (pattern) => heard.until(pattern),
    close: () => socket.terminate(),
  };
}

async function overTcp(port: number): Promise<RawClient> {
  const heard = new Heard();
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  socket.on('data', (piece: string) => heard.add(piece));
  socket.on('error', () => undefined);
  socket.on('close', () => heard.end());
  await once(socket, 'connect');
  return {
    send: (text) => void socket.write(text),
    until: (pattern) => heard.until(pattern),
    close: () => socket.destroy(),
  };
}

async function overPolling(session: string): Promise<RawClient> {
  const heard = new Heard();
  const left = new AbortController();
  const post = (path: string, body?: string): Promise<Response> =>
    fetch(`${session}/${path}`, { method: 'POST', signal: left.signal, ...(body !== undefined && { body }) });

  await (await post('xhr')).text();
  const poll = async (): Promise<void> => {
    for (;;) {
      const response = await post('xhr');
      const text = await response.text();
      heard.add(text);
      // Closed; or opened anew, since the first session is no more.
      if (!response.ok || /^[co]/.test(text)) return;
    }
  };
  const ended = (): void => heard.end();
  void poll().then(ended, ended);
  return {
    send: (text) => void post('xhr_send', inEnvelope(text)).catch(ended),
    until: (pattern) => heard.until(pattern),
    close: () => left.abort(),
  };
}

/** Text that comes in pieces, and those that wait for it. */
class Heard {
  #text = '';
  #isOver = false;
  readonly #looks = new Set<() => void>();

  add(piece: string): void {
    this.#text += piece;
    this.#looks.forEach((look) => look());
  }

  end(): void {
    this.#isOver = true;
    this.#looks.forEach((look) => look());
  }

  until(pattern: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(this.#text);
        if (found) {
          this.#text = this.#text.slice(found.index + found[0].length);
          resolve();
        } else if (this.#isOver)
          reject(new Error(`The connection ended after ${JSON.stringify(this.#text)}`));
        else return;
        this.#looks.delete(look);
      };
      this.#looks.add(look);
      look();
    });
  }
}

function inEnvelope(text: string): string {
  return JSON.stringify([text]);
}

let sessions = 0;

function newSession(): string {
  return `${process.pid}${(sessions += 1)}`;
}
