import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { Counts } from '../torture/tally.js';
import type { Random } from '../torture/random.js';
import { Answers } from './answers.js';
import type { Job, Spoils } from './job.js';
import { StompLine } from './stomp-line.js';

/** What becomes of a connection on which requests were sent. */
export type Manners =
  /** Reads all answers. */
  | 'reads'
  /** Reads nothing, and stays for a while. */
  | 'deaf'
  /** Is gone as soon as all is sent. */
  | 'gone';

/** Longer than an attacker waits for anything. */
const PATIENCE_MS = 3_000;

/** An attacker's tools: connections from one address, and a count of what it is answered. */
export class Attacker {
  readonly #counts = new Counts();
  readonly #open = new Set<Socket | WebSocket>();
  readonly #end: number;
  #sockets = 0;

  constructor(
    readonly job: Job,
    readonly random: Random,
  ) {
    this.#end = performance.now() + job.seconds * 1_000;
  }

  get isOver(): boolean {
    return performance.now() >= this.#end;
  }

  /** Ms that are left. */
  get rest(): number {
    return Math.max(0, this.#end - performance.now());
  }

  spoils(): Spoils {
    return { answers: this.#counts.all, sockets: this.#sockets };
  }

  count(answer: string): void {
    this.#counts.add(answer);
  }

  /** Waits, but not beyond the end. */
  async pause(ms: number): Promise<void> {
    await sleep(Math.min(ms, this.rest));
  }

  /** Does something again and again until it is over; at most `limit` times, a few at once. */
  async repeat(work: (round: number) => Promise<void>, { atOnce = 1, limit = 1e6 } = {}): Promise<void> {
    let next = 0;
    const inTurn = async (): Promise<void> => {
      for (let i = next++; i < limit && !this.isOver; i = next++) await work(i);
    };
    await Promise.all(Array.from({ length: atOnce }, inTurn));
  }

  /** A request as text. */
  request(
    method: string,
    path: string,
    { headers = {}, body }: { headers?: Readonly<Record<string, string>>; body?: string } = {},
  ): string {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const length = body === undefined ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
    return `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${this.job.port}\r\n${lines.join('')}${length}\r\n${body ?? ''}`;
  }

  /** The same of somebody who has signed in, with JSON. */
  signedRequest(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ) {
    return this.request(method, path, {
      headers: {
        Authorization: `Bearer ${this.job.account.token}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  /** @returns a connection; undefined where it was refused */
  async connect(port = this.job.port): Promise<Socket | undefined> {
    const socket = connect({ port, host: '127.0.0.1', localAddress: this.job.localAddress });
    socket.on('error', () => undefined);
    this.#keep(socket);
    await Promise.race([
      new Promise((resolve) => socket.once('connect', resolve)),
      closeOf(socket),
      sleep(PATIENCE_MS),
    ]);
    if (!socket.destroyed && socket.readyState === 'open') return socket;
    this.count('not connected');
    socket.destroy();
    return undefined;
  }

  /**
   * Sends so many answers' worth of requests in as few writes as there can be.
   * @returns when all is answered, all is sent, or it has taken too long
   */
  async pipeline(requests: string | Buffer, howMany: number, manners: Manners): Promise<void> {
    const socket = await this.connect();
    if (!socket) return;
    const answers = new Answers((answer) => this.count(answer));
    if (manners === 'reads') socket.on('data', (bytes: Buffer) => answers.read(bytes));
    else socket.pause();
    const closed = closeOf(socket);
    const sent = new Promise((resolve) => socket.write(requests, resolve));
    const limit = this.rest;
    await Promise.race([sent, closed, sleep(limit)]);
    if (manners === 'reads') await Promise.race([answers.reached(howMany), closed, sleep(limit)]);
    if (manners === 'deaf') await Promise.race([closed, this.pause(1_000)]);
    answers.end();
    socket.destroy();
  }

  /** Of a request that closes its connection. @returns head and body; empty where no connection was to be had */
  async answerOf(request: string): Promise<string> {
    const socket = await this.connect();
    if (!socket) return '';
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    socket.write(request);
    await Promise.race([closeOf(socket), sleep(PATIENCE_MS)]);
    socket.destroy();
    return answer;
  }

  /** One request on a connection of its own. @returns its status and code, or what happened instead */
  async ask(request: string | Buffer): Promise<string> {
    const socket = await this.connect();
    if (!socket) return 'not connected';
    let answer = '';
    const answers = new Answers((one) => (answer ||= one));
    socket.on('data', (bytes: Buffer) => answers.read(bytes));
    const closed = closeOf(socket).then(() => 'closed');
    socket.write(request);
    const patience = sleep(PATIENCE_MS).then(() => 'no answer');
    const end = await Promise.race([answers.reached(1).then(() => undefined), closed, patience]);
    answers.end();
    socket.destroy();
    const outcome = answer || (end ?? 'closed');
    this.count(outcome);
    return outcome;
  }

  /** STOMP on a WebSocket, signed in. @returns undefined where it was refused, which is counted */
  async stomp(headers?: Readonly<Record<string, string>>): Promise<StompLine | undefined> {
    const { port, localAddress, account } = this.job;
    const line = StompLine.begin({ port, localAddress }, (answer) => this.count(answer));
    this.#keep(line.socket);
    await line.connect(headers ?? { Authorization: `Bearer ${account.token}` });
    return line.isOpen ? line : undefined;
  }

  /** A WebSocket that nobody reads. @returns undefined where it was refused, which is counted */
  async webSocket(path: string): Promise<WebSocket | undefined> {
    const { port, localAddress } = this.job;
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { localAddress });
    this.#keep(socket);
    // What went wrong shows in the close that follows.
    socket.on('error', () => undefined);
    socket.once('unexpected-response', (_, { statusCode = 0 }) => {
      this.count(String(statusCode));
      socket.terminate();
    });
    socket.once('close', (code: number) => {
      if (code !== 1005 && code !== 1006) this.count(`close ${code}`);
    });
    await Promise.race([
      new Promise((resolve) => socket.once('open', resolve)),
      new Promise((resolve) => socket.once('close', resolve)),
      sleep(PATIENCE_MS),
    ]);
    if (socket.readyState === WebSocket.OPEN) return socket;
    socket.terminate();
    return undefined;
  }

  /** Gives back all connections at once. */
  leave(): void {
    for (const socket of this.#open) {
      if (socket instanceof WebSocket) socket.terminate();
      else socket.destroy();
    }
  }

  #keep(socket: Socket | WebSocket): void {
    this.#open.add(socket);
    this.#sockets = Math.max(this.#sockets, this.#open.size);
    (socket as Socket).once('close', () => this.#open.delete(socket));
  }
}

/** When it is closed, for whatever reason. */
export function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}
