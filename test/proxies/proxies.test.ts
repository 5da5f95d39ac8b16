import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { get as getSecurely, globalAgent } from 'node:https';
import { Client, type IMessage } from '@stomp/stompjs';
import { EventSource } from 'eventsource';
import SockJS from 'sockjs-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { signIn } from '../caller.js';
import { startServer, stopServers, type RunningServer } from '../server.js';
import {
  configurationsIn,
  haproxy,
  nginx,
  startProxy,
  type ProxyProgram,
  type RunningProxy,
} from './proxy.js';

// The certificates are made for the test and signed by nobody.
process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';

const [nginxAtRoot = '', nginxBelowPath = ''] = await configurationsIn('docs/proxies.md', 'nginx');
const [haproxyAtRoot = '', haproxyBelowPath = ''] = await configurationsIn('docs/proxies.md', 'haproxy');
const plainNginx = 'server { listen 443; location / { proxy_pass http://127.0.0.1:8080; } }';

/** A proxy that ends what is silent for two seconds. */
const impatient = (configuration: string): string =>
  configuration
    .replaceAll('30s', '2s')
    .replaceAll(
      'proxy_http_version 1.1;',
      'proxy_http_version 1.1; proxy_read_timeout 2s; proxy_send_timeout 2s;',
    );

interface Row {
  readonly title: string;
  readonly program: ProxyProgram;
  readonly configuration: string;
  readonly path: string;
  readonly passesWebSockets: boolean;
}

const row = (
  program: ProxyProgram,
  title: string,
  configuration: string,
  { path = '', passesWebSockets = true } = {},
): Row => ({ title: `${program.name} ${title}`, program, configuration, path, passesWebSockets });

const rows: readonly Row[] = [
  row(nginx, 'with TLS', nginxAtRoot),
  row(nginx, 'below a path', nginxBelowPath, { path: '/clinic' }),
  row(nginx, 'with no more than proxy_pass', plainNginx, { passesWebSockets: false }),
  row(haproxy, 'with TLS', haproxyAtRoot),
  row(haproxy, 'below a path', haproxyBelowPath, { path: '/clinic' }),
];

const patient = { login: 'patient@example.org', passcode: 'carillon' };
let server: RunningServer;
beforeAll(async () => {
  server = await startServer({
    environment: {
      TRUST_PROXY: '127.0.0.1',
      LIMIT_PING_MS: '500',
      LIMIT_SOCKJS_HEARTBEAT_MS: '500',
      LIMIT_SSE_HEARTBEAT_MS: '500',
    },
  });
});
afterAll(stopServers);

for (const { title, program, configuration, path, passesWebSockets } of rows) {
  const skipped = program.missing === undefined ? '' : ` (skipped: ${program.missing})`;
  describe.skipIf(program.missing !== undefined)(`${title}${skipped}`, () => {
    let hasty: RunningProxy;
    let proxy: RunningProxy;
    let base: string;
    const ends: (() => unknown)[] = [];

    beforeAll(async () => {
      [hasty, proxy] = await Promise.all([
        startProxy(program, impatient(configuration), server.port),
        startProxy(program, configuration, server.port),
      ]);
      base = `${proxy.url}${path}`;
      // The EventSource of sockjs-client takes no certificate that nobody signed, whatever the process is told.
      globalAgent.options.ca = proxy.certificate;
    });
    afterAll(async () => {
      for (const end of ends.splice(0).toReversed()) await end();
      await Promise.all([hasty, proxy].map((each) => each.stop()));
    });

    test('the page and everything that it asks for come', async () => {
      const page = await fetch(`${base}/`, { headers: { Accept: 'text/html' } });
      const html = await page.text();
      const wanted = [...html.matchAll(/(?:src|href)="([^"#]+)"/g)].map(
        ([, url = '']) => new URL(url, page.url),
      );

      const answers = await Promise.all(
        wanted.map(async (url) => (await fetch(url)).headers.get('content-type')),
      );

      expect(wanted.length).toBeGreaterThan(2);
      expect(answers.filter((type) => type?.startsWith('text/html') ?? true)).toEqual([]);
    });

    if (passesWebSockets)
      test('a page of that origin may sign in, and one of another may not', async () => {
        const signInFrom = async (origin: string): Promise<number> => {
          const answer = await fetch(`${base}/api/auth/login`, {
            method: 'POST',
            headers: { 'Content-Type': 'application/json', Origin: origin },
            body: JSON.stringify({ email: patient.login, password: patient.passcode }),
          });
          return answer.status;
        };

        expect(await signInFrom(proxy.url)).toBe(200);
        expect(await signInFrom('https://elsewhere.example')).toBe(403);
      });

    const sockets: readonly (readonly [string, () => WebSocket | InstanceType<typeof SockJS>])[] = [
      ...(passesWebSockets
        ? ([
            ['a WebSocket', () => new WebSocket(`${base.replace('http', 'ws')}/ws`, { origin: proxy.url })],
            ['/stomp', () => new WebSocket(`${base.replace('http', 'ws')}/stomp`)],
          ] as const)
        : []),
      ...(passesWebSockets
        ? ['websocket', 'xhr-streaming', 'eventsource', 'xhr-polling']
        : ['xhr-streaming', 'eventsource', 'xhr-polling']
      ).map(
        (transport) =>
          [
            `SockJS ${transport}`,
            () => new SockJS(`${base}/ws`, undefined, { transports: [transport] }),
          ] as const,
      ),
    ];
    test.each(sockets)('a notification arrives over %s', async (_, open) => {
      const { client, messages } = await listen(open);
      ends.push(() => client.deactivate());

      await notify('over STOMP');

      expect(await messages.until((body) => body.includes('over STOMP'))).toContain('over STOMP');
    });

    test.each(['htmlfile?c=parent.call', 'jsonp?c=call'])(
      'the first byte of SockJS %s comes at once',
      async (transport) => {
        const [response, text] = await firstBytesOf(
          `${base}/ws/000/${Math.random().toString(36).slice(2)}/${transport}`,
        );
        response.destroy();

        expect(text).not.toBe('');
      },
    );

    test('an event stream begins at once, and a notification arrives', async () => {
      const { token } = await signIn(server.url, patient.login);
      const source = new EventSource(`${base}/api/notifications/stream`, {
        fetch: (url, init) =>
          fetch(url, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } }),
      });
      ends.push(() => source.close());
      await heard(source, 'connected');

      const rung = heard(source, 'notification');
      await notify('over SSE');

      expect(await rung).toContain('over SSE');
    });

    if (passesWebSockets)
      test('what is silent for longer than the proxy waits stays open', async () => {
        const hastyBase = `${hasty.url}${path}`;
        const quiet = { 'heart-beat': '0,0' };
        const opened = await Promise.all([
          listen(() => new WebSocket(`${hastyBase.replace('http', 'ws')}/ws`), quiet),
          listen(() => new SockJS(`${hastyBase}/ws`, undefined, { transports: ['websocket'] }), quiet),
          listen(() => new SockJS(`${hastyBase}/ws`, undefined, { transports: ['xhr-streaming'] }), quiet),
        ]);
        opened.forEach(({ client }) => ends.push(() => client.deactivate()));

        // Three times what the proxy allows, by pings of half a second.
        const { socket } = opened[0];
        for (let pings = 0; pings < 12; pings += 1) await once(socket as WebSocket, 'ping');
        await notify('after silence');

        for (const { messages } of opened) await messages.until((body) => body.includes('after silence'));
        expect(opened.map(({ closes }) => closes())).toEqual([0, 0, 0]);
      });
  });
}

/** The data of the next event of that name. */
function heard(source: EventSource, event: string): Promise<string> {
  return new Promise((resolve) => {
    source.addEventListener(event, ({ data }) => resolve(String(data)), { once: true });
  });
}

/** Connects a stock client without beats and subscribes. */
async function listen(open: () => WebSocket | InstanceType<typeof SockJS>, headers = {}) {
  const messages = new Messages();
  let closes = 0;
  let socket: WebSocket | InstanceType<typeof SockJS> | undefined;
  const client = new Client({
    webSocketFactory: () => (socket = open()),
    connectHeaders: { ...patient, ...headers },
    reconnectDelay: 0,
    ...('heart-beat' in headers && { heartbeatIncoming: 0, heartbeatOutgoing: 0 }),
    onWebSocketClose: () => {
      closes += 1;
    },
  });
  await new Promise<void>((resolve, reject) => {
    client.onStompError = ({ headers: { message } }) => reject(new Error(message));
    client.onWebSocketClose = () => {
      closes += 1;
      reject(new Error('closed before it was connected'));
    };
    client.onConnect = () => {
      client.watchForReceipt('subscribed', () => resolve());
      client.subscribe('/user/queue/notifications', (message) => messages.add(message), {
        receipt: 'subscribed',
      });
    };
    client.activate();
  });
  if (!socket) throw new Error('No socket was opened.');
  return { client, messages, socket, closes: () => closes };
}

class Messages {
  readonly #bodies: string[] = [];
  #wake: (() => void) | undefined;

  add({ body }: IMessage): void {
    this.#bodies.push(body);
    this.#wake?.();
  }

  async until(isWanted: (body: string) => boolean): Promise<string> {
    for (;;) {
      const found = this.#bodies.find(isWanted);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

async function notify(message: string): Promise<void> {
  const operator = await signIn(server.url, 'operator@example.org');
  await operator.post('/api/notifications', { email: patient.login, message });
}

async function firstBytesOf(url: string): Promise<[IncomingMessage, string]> {
  const request = url.startsWith('https') ? getSecurely(url) : get(url);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const [bytes] = (await once(response, 'data')) as [Buffer];
  return [response, bytes.toString()];
}
