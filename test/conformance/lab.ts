import assert from 'node:assert/strict';
import type { FakeClock } from '../../src/library/testing/fake-clock.js';
import type { Version } from '../../src/library/stomp/version.js';
import { Client } from './client.js';
import type { Server } from './server.js';
import type { Node } from './transport.js';

/** What a check works with: a server of its own, and as many clients as it opens. */
export class Lab {
  readonly #clients: Client[] = [];

  /** @param version that clients speak unless the check says otherwise */
  constructor(
    private readonly node: Node,
    readonly version: Version,
  ) {}

  get server(): Server {
    return this.node.server;
  }

  get clock(): FakeClock {
    return this.node.clock ?? assert.fail('a clause that needs no clock asks for it');
  }

  /** Where time is real it passes by itself. */
  letTimePass(ms: number): void {
    this.node.clock?.pass(ms);
  }

  /** A connection on which nothing was said yet. */
  async open(version: Version = this.version): Promise<Client> {
    const client = new Client(version);
    client.attach(await this.node.open(client));
    this.#clients.push(client);
    return client;
  }

  /** A client that is CONNECTED. @param headers of CONNECT, beside those that every client sends */
  async connect(
    login = 'ada',
    { version = this.version, headers = {} }: { version?: Version; headers?: Record<string, string> } = {},
  ): Promise<Client> {
    const client = await this.open(version);
    client.frame('CONNECT', { ...connectHeaders(version, login), ...headers });
    const answer = await client.next();
    assert.equal(answer.command, 'CONNECTED', answer.headers.get('message'));
    return client;
  }

  /** Cuts every connection that is still open. */
  leave(): void {
    for (const client of this.#clients) client.cut();
  }
}

/** What a client of that version has to say in CONNECT; 1.0 knows no accept-version. */
export function connectHeaders(version: Version, login = 'ada'): Record<string, string> {
  const negotiation = version === '1.0' ? {} : { 'accept-version': version, host: 'example.org' };
  return { ...negotiation, login, passcode: 'secret-passcode' };
}
