import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { NotificationService } from '../../src/clinic/notifications/notification.service.js';
import { PushService } from '../push-service.js';
import { ask, newPatient, openClinic, type Clinic, type Login } from '../rest/clinic.js';

// Push services are whatever hosts a patient names: what one of them can hold of a node.
const HOSTS = Array.from({ length: 10 }, (_, i) => `127.0.0.${i + 2}`);

let clinic: Clinic;
let service: PushService;
let pushKey: string;

beforeAll(async () => {
  service = await PushService.start();
  clinic = await openClinic({
    PUSH_PRIVATE_HOSTS: ['127.0.0.1', ...HOSTS].join(','),
    LIMIT_PUSH_AFTER_MS: '1',
    LIMIT_DELIVERY_POLL_MS: '20',
    LIMIT_DELIVERY_MS: '4000',
  });
  const { token } = await newPatient(clinic);
  pushKey = (await ask<{ pushKey: string }>(`${clinic.url}/api/channels`, { token })).body.pushKey;
});
afterAll(async () => {
  await clinic.close();
  await service.stop();
});

let stranger: Login;
let hosts: Hosts;
beforeEach(async () => {
  stranger = await newPatient(clinic);
});
afterEach(() => hosts.stop());

it('ten devices of one person whose hosts all hang keep nobody else waiting', async () => {
  hosts = await Hosts.start(() => undefined);
  await subscribeAll();
  for (let i = 0; i < 10; i++) await tell(stranger);
  await expect.poll(() => hosts.asked).toBeGreaterThanOrEqual(10);
  const other = await newPatient(clinic);
  await register(other, service.subscribe(pushKey));

  await tell(other);
  await service.next();

  // None of them had been given up by then.
  expect(hosts.closed).toBe(0);
  expect(hosts.asked).toBeLessThanOrEqual(16 + 10);
});

it('connections that such hosts keep open are closed when nothing is said on them', async () => {
  hosts = await Hosts.start((response) => response.writeHead(201).end());
  await subscribeAll();
  await tell(stranger);
  await expect.poll(() => hosts.asked).toBe(10);

  await expect.poll(() => hosts.closed, { timeout: 20_000 }).toBe(10);
});

it('of an answer that never ends a little is read', async () => {
  let written = 0;
  hosts = await Hosts.start((response) => {
    response.writeHead(201);
    const more = (): void => {
      while (!response.destroyed && response.write(PIECE)) written += PIECE.length;
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  await register(stranger, { ...service.subscribe(pushKey), endpoint: `${hosts.origin(0)}/push` });
  const begunAt = performance.now();

  await tell(stranger);
  await expect.poll(() => hosts.closed, { timeout: 20_000 }).toBe(1);

  expect(performance.now() - begunAt).toBeLessThan(4_000);
  // And what the kernels hold.
  expect(written).toBeLessThan(32 * 1024 * 1024);
});

const PIECE = Buffer.alloc(64 * 1024);

async function subscribeAll(): Promise<void> {
  for (const [i] of HOSTS.entries())
    await register(stranger, { ...service.subscribe(pushKey), endpoint: `${hosts.origin(i)}/push` });
}

async function register({ token }: Login, body: object): Promise<void> {
  expect((await ask(`${clinic.url}/api/devices`, { token, body })).status).toBe(201);
}

function tell({ user }: Login): Promise<unknown> {
  return clinic.application.get(NotificationService).sendNotification(user.id, 'Hello', {});
}

/** Push services of ten names. */
class Hosts {
  asked = 0;
  closed = 0;

  private constructor(private readonly server: Server) {}

  static async start(answer: (response: ServerResponse) => void): Promise<Hosts> {
    const server = createServer({ keepAliveTimeout: 0 });
    const hosts = new Hosts(server);
    server.on('connection', (socket: Socket) => socket.on('close', () => hosts.closed++));
    server.on('request', (_, response: ServerResponse) => {
      hosts.asked++;
      answer(response);
    });
    await once(server.listen(0, '0.0.0.0'), 'listening');
    return hosts;
  }

  origin(i: number): string {
    return `http://${HOSTS[i]}:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
