import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  attachStomp,
  Refusal,
  type AttachedBroker,
  type Log,
  type LogMessage,
} from '../../src/library/exports/broker.js';
import { inBrowser, launch, noBrowser, patienceMs } from '../browser/windows.js';
import { Packed } from './packed.js';

/** What a page needs besides: where the names that it imports are. */
const page = `<!doctype html>
<title>Client</title>
<script type="importmap">
  {
    "imports": {
      "carillon/client": "/carillon/lib/client/src/exports/client.js",
      "@stomp/stompjs": "/@stomp/stompjs/esm6/index.js"
    }
  }
</script>
<ul id="said"></ul>
<script type="module">
  import { Realtime } from 'carillon/client';
  const say = (text) => document.querySelector('#said').append(Object.assign(document.createElement('li'), { textContent: text }));
  const realtime = new Realtime({
    token: async ({ rejected }) => (rejected ? 'new token' : 'old token'),
    onUnauthorized: (code) => say('unauthorized: ' + code),
  });
  let cursor = new URLSearchParams(location.search).get('since') ?? undefined;
  realtime.subscribe({
    destination: '/user/queue/news',
    since: () => cursor,
    onReady: () => say('ready'),
    onMessage: (message) => {
      cursor = message.cursor ?? cursor;
      say(message.eventType === 'resume' ? message.body.verdict : message.body);
    },
  });
  realtime.start();
</script>`;

describe.skipIf(noBrowser)(inBrowser('carillon/client in a page, without a bundler'), () => {
  let packed: Packed;
  let browser: Browser;
  let server: Server;
  let attached: AttachedBroker;
  let log: News;
  let accepted: string;
  let open: Page;

  beforeAll(async () => {
    [packed, browser] = await Promise.all([Packed.make(), launch()]);
  }, 2 * patienceMs);
  afterAll(async () => {
    await browser?.close();
    await packed.remove();
  });

  beforeEach(async () => {
    const modules = join(await packed.install(`client-${Date.now()}`, ['@stomp']), 'node_modules');
    server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://x');
      response.setHeader('Content-Type', pathname.endsWith('.js') ? 'text/javascript' : 'text/html');
      if (pathname === '/') response.end(page);
      else
        readFile(join(modules, pathname)).then(
          (text) => response.end(text),
          () => response.writeHead(404).end(),
        );
    });
    log = new News();
    accepted = 'old token';
    attached = await attachStomp(server, {
      authenticator: {
        authenticate: async ({ authorization }) => {
          if (authorization !== `Bearer ${accepted}`) throw new Refusal('auth_expired', 'That is over.');
          return { name: 'ada', roles: [] };
        },
      },
      authorizer: { isAllowed: () => true },
      logOf: () => log,
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    open = await browser.newPage();
    open.setDefaultTimeout(patienceMs / 3);
  });
  afterEach(async () => {
    await open.close();
    await attached.close();
    server.close();
  });

  const visit = (query = ''): Promise<unknown> =>
    open.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${query}`);
  const said = (): Promise<string[]> => open.getByRole('listitem').allTextContents();
  const publish = (text: string): void => void attached.broker.publish(log.add(text));
  const tell = (text: string, type?: string): void => {
    const headers = new Map(type === undefined ? [] : [['content-type', type]]);
    attached.broker.publish({ address: '/user/ada/queue/news', headers, body: Buffer.from(text) });
  };

  it('hears what is published, and after a cut what it missed', async () => {
    await visit();
    await open.getByText('ready').waitFor();
    publish('first');
    await open.getByText('first').waitFor();

    attached.registry.connections().forEach((connection) => connection.terminate('internal_error'));
    publish('missed');
    await open.getByText('missed').waitFor();

    expect(await said()).toEqual(['ready', 'first', 'ready', 'complete', 'missed']);
  });

  it('takes a text as it is, and keeps its place over what is sent past the log', async () => {
    await visit();
    await open.getByText('ready').waitFor();
    publish('first');
    tell('Tea?', 'text/plain');
    tell('Milk?');
    tell('"Sugar?"');
    await open.getByText('Sugar?').waitFor();

    attached.registry.connections().forEach((connection) => connection.terminate('internal_error'));
    publish('missed');
    await open.getByText('missed').waitFor();

    expect(await said()).toEqual([
      'ready',
      'first',
      'Tea?',
      'Milk?',
      'Sugar?',
      'ready',
      'complete',
      'missed',
    ]);
  });

  it('is told that it can’t have all where it can’t', async () => {
    await visit('?since=another:7');

    await open.getByText('reset').waitFor();
  });

  it('comes again with a new token, and gives up only when that is refused', async () => {
    accepted = 'new token';
    await visit();
    await open.getByText('ready').waitFor();

    accepted = 'none';
    attached.registry.connections().forEach((connection) => connection.terminate('auth_revoked'));
    await open.getByText('unauthorized: auth_expired').waitFor();

    expect(await said()).toEqual(['ready', 'unauthorized: auth_expired']);
  });
});

/** Of one user, in memory. */
class News implements Log {
  readonly #rows: LogMessage[] = [];

  add(text: string): LogMessage {
    const seq = this.#rows.length + 1;
    const row = {
      id: `${seq}`,
      address: '/user/ada/queue/news',
      headers: new Map([['content-type', 'application/json']]),
      position: { epoch: 'news', seq },
      body: Buffer.from(JSON.stringify(text)),
    };
    this.#rows.push(row);
    return row;
  }

  async head() {
    return { epoch: 'news', seq: this.#rows.length, earliest: 0 };
  }

  async read(_: string, after: number, limit: number): Promise<LogMessage[]> {
    return this.#rows.slice(after, after + limit);
  }

  async delivered(): Promise<void> {}

  renew() {
    return this.head();
  }
}
