import assert from 'node:assert/strict';
import type { Version } from '../../src/library/stomp/version.js';
import { clientFrame, type HeaderLines } from './client-frame.js';
import { contract, type Code } from './contract.js';
import { ServerFrameReader, type ServerFrame } from './server-frame.js';
import type { Listener, Peer } from './transport.js';

/** A server that doesn't answer is given up; far longer than any answer takes. */
const PATIENCE_MS = 5_000;

/** A hand-written STOMP client, which sends what it is told and believes nothing. */
export class Client implements Listener {
  readonly #reader = new ServerFrameReader();
  readonly #inbox: ServerFrame[] = [];
  readonly #waiting = new Set<() => void>();
  #peer: Peer | undefined;
  #end: { readonly code: number | undefined } | undefined;
  #fault: unknown;
  #counter = 0;

  /** @param version which it speaks */
  constructor(readonly version: Version) {}

  attach(peer: Peer): void {
    this.#peer = peer;
  }

  received(bytes: Uint8Array): void {
    try {
      this.#inbox.push(...this.#reader.push(bytes));
    } catch (error) {
      this.#fault = error;
    }
    this.#wake();
  }

  closed(code: number | undefined): void {
    this.#end ??= { code };
    this.#wake();
  }

  /** Line ends that came between frames. */
  get beats(): number {
    return this.#reader.beats;
  }

  get isClosed(): boolean {
    return this.#end !== undefined;
  }

  /** Sends octets as they are. */
  raw(octets: Uint8Array | string): this {
    this.#peer?.send(typeof octets === 'string' ? Buffer.from(octets) : octets);
    return this;
  }

  frame(command: string, headers: HeaderLines = {}, body: Uint8Array | string = ''): this {
    return this.raw(clientFrame(this.version, command, headers, body));
  }

  send(
    destination: string,
    body: Uint8Array | string = '',
    headers: Readonly<Record<string, string>> = {},
  ): this {
    return this.frame('SEND', { destination, ...headers }, body);
  }

  /** Sends a frame with a receipt and waits for that; what else comes is kept for `next`. */
  async done(
    command: string,
    headers: Readonly<Record<string, string>> = {},
    body: Uint8Array | string = '',
  ): Promise<void> {
    const receipt = `done-${++this.#counter}`;
    this.frame(command, { ...headers, receipt }, body);
    const isOurs = (frame: ServerFrame): boolean =>
      frame.command === 'ERROR' || frame.headers.get('receipt-id') === receipt;
    await this.#until(() => this.#inbox.some(isOurs), `the RECEIPT of ${command}`);
    const [answer] = this.#inbox.splice(this.#inbox.findIndex(isOurs), 1);
    assert.equal(answer?.command, 'RECEIPT', answer?.headers.get('message'));
  }

  async subscribe(
    id: string,
    destination: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<this> {
    await this.done('SUBSCRIBE', { id, destination, ...headers });
    return this;
  }

  /** ACK or NACK of a message, with the headers that the version wants. */
  settle(
    verdict: 'ACK' | 'NACK',
    message: ServerFrame,
    headers: Readonly<Record<string, string>> = {},
  ): this {
    return this.frame(verdict, { ...this.nameOf(message), ...headers });
  }

  /** How ACK and NACK name a message in this version. */
  nameOf({ headers }: ServerFrame): Record<string, string> {
    if (this.version === '1.2')
      return { id: headers.get('ack') ?? assert.fail('the MESSAGE has an ack header') };
    return {
      'message-id': headers.get('message-id') ?? assert.fail('the MESSAGE has a message-id'),
      ...(this.version === '1.1' && { subscription: headers.get('subscription') ?? '' }),
    };
  }

  /** The next frame, whatever it is. */
  async next(): Promise<ServerFrame> {
    await this.#until(() => this.#inbox.length > 0 || this.isClosed, 'a frame');
    return (
      this.#inbox.shift() ?? assert.fail(`a frame was due, but the server closed with ${this.#end?.code}`)
    );
  }

  /** The next frame, which must be a MESSAGE. @param body that it must have, if given */
  async message(body?: string): Promise<ServerFrame> {
    const frame = await this.next();
    assert.equal(frame.command, 'MESSAGE', frame.headers.get('message'));
    if (body !== undefined) assert.equal(frame.body.toString(), body);
    return frame;
  }

  /** The bodies of the next MESSAGEs. */
  async bodies(count: number): Promise<string[]> {
    const bodies = [];
    while (bodies.length < count) bodies.push((await this.message()).body.toString());
    return bodies;
  }

  /** The next frame, which must be the RECEIPT of that id. */
  async receipt(id: string): Promise<void> {
    const frame = await this.next();
    assert.equal(frame.command, 'RECEIPT', frame.headers.get('message'));
    assert.equal(frame.headers.get('receipt-id'), id);
  }

  /** Nothing came but what was taken: the server has handled all that was sent before, and says only this. */
  async nothingMore(): Promise<void> {
    await this.done('BEGIN', { transaction: `nothing-more-${++this.#counter}` });
    assert.deepEqual(
      this.#inbox.map(({ command }) => command),
      [],
    );
  }

  /** Takes an ERROR as the contract describes it, and the close right after it. */
  async refused(code: Code, receipt?: string): Promise<ServerFrame> {
    const error = await this.next();
    assert.equal(error.command, 'ERROR');
    const { headers, body } = error;
    assert.equal(headers.get('code'), code, headers.get('message'));
    assert.equal(headers.get('retryable'), contract[code].retryable);
    assert.equal(headers.get('receipt-id'), receipt);
    assert.match(headers.get('message') ?? '', /\w/);
    assert.match(headers.get('content-type') ?? '', /^text\/plain/);
    assert.equal(headers.get('content-length'), String(body.length));
    assert.ok(body.toString().startsWith(headers.get('message') ?? '?'), 'the body says what was wrong');
    await this.ended(contract[code].close);
    return error;
  }

  /** The server closes and says nothing before it. @param code where the transport has close codes */
  async ended(code: number): Promise<void> {
    await this.#until(() => this.#end !== undefined, 'the close');
    assert.deepEqual(
      this.#inbox.map(({ command }) => command),
      [],
    );
    assert.equal(this.#reader.isInsideFrame, false, 'no half frame before the close');
    if (this.#end?.code !== undefined) assert.equal(this.#end.code, code);
  }

  /** Waits for a line end between frames, if none came yet. */
  async beat(): Promise<void> {
    await this.#until(() => this.beats > 0, 'a heart-beat');
  }

  cut(): void {
    this.#peer?.cut();
  }

  /** Throws what was wrong in the bytes that came, if anything. */
  verify(): void {
    if (this.#fault) throw this.#fault;
  }

  async #until(isMet: () => boolean, what: string): Promise<void> {
    while (!isMet()) {
      this.verify();
      await new Promise<void>((resolve, reject) => {
        const patience = setTimeout(
          () => reject(new Error(`${what} didn't come in ${PATIENCE_MS} ms`)),
          PATIENCE_MS,
        );
        this.#waiting.add(() => {
          clearTimeout(patience);
          resolve();
        });
      });
    }
    this.verify();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}
