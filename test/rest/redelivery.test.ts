import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { StompEndpoints } from '../../src/library/nest/stomp-endpoints.js';
import { Client } from '../conformance/client.js';
import { postgres, sqlite, type FreshDatabase } from '../databases.js';
import { openClinic, signIn, type Clinic, type Login } from './clinic.js';

const QUEUE = '/queue/orders';

let database: FreshDatabase | undefined;
const clinics: Clinic[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  sockets.splice(0).forEach((socket) => socket.destroy());
  await Promise.all(clinics.splice(0).map((clinic) => clinic.close()));
  await database?.drop();
  database = undefined;
});

describe.each([sqlite, postgres])('a message of a queue whose consumer is lost', (kind) => {
  describe.skipIf(!kind.isHere)(`on ${kind.name}`, () => {
    it('comes again and says how often, however fast the next consumer is, and is a dead letter after ten', async () => {
      const clinic = await open();
      const operator = await signIn(clinic, 'operator');
      await (await connected(clinic, operator)).done('SEND', { destination: QUEUE }, 'order');

      const said: (string | undefined)[] = [];
      let next = await connected(clinic, operator);
      for (let i = 0; i < 10; i++) {
        const consumer = next;
        next = await connected(clinic, operator);
        consumer.frame('SUBSCRIBE', { id: '1', destination: QUEUE, ack: 'client' });
        const { headers } = await consumer.message('order');
        said.push(headers.get('delivery-count'));
        expect(headers.get('redelivered')).toBe(i === 0 ? undefined : 'true');
        consumer.cut();
      }

      expect(said).toEqual([undefined, '1', '2', '3', '4', '5', '6', '7', '8', '9']);
      next.frame('SUBSCRIBE', { id: '1', destination: '/queue/dlq/orders' });
      expect((await next.message('order')).headers.get('reason')).toBe('max-deliveries');
    });

    it('says so too where the server stopped while it was held', async () => {
      const clinic = await open();
      const operator = await signIn(clinic, 'operator');
      const consumer = await connected(clinic, operator);
      await consumer.done('SEND', { destination: QUEUE }, 'order');
      consumer.frame('SUBSCRIBE', { id: '1', destination: QUEUE, ack: 'client' });
      await consumer.message('order');

      await clinic.close();
      const again = await connected(await open(), operator);
      again.frame('SUBSCRIBE', { id: '1', destination: QUEUE, ack: 'client' });

      expect((await again.message('order')).headers.get('delivery-count')).toBe('1');
    });

    async function open(): Promise<Clinic> {
      database ??= await kind.create();
      const clinic = await openClinic({ STOMP_TCP_PORT: '0' }, database);
      clinics.push(clinic);
      return clinic;
    }
  });
});

/** A client on a raw socket, as TCP gives it. */
async function connected({ application }: Clinic, { token }: Login): Promise<Client> {
  const socket = connect(application.get(StompEndpoints).tcpPort ?? 0, '127.0.0.1');
  sockets.push(socket);
  await once(socket, 'connect');
  const client = new Client('1.2');
  client.attach({ send: (bytes) => void socket.write(bytes), cut: () => socket.resetAndDestroy() });
  socket.on('data', (bytes) => client.received(bytes));
  socket.on('error', () => {});
  socket.on('close', () => client.closed(undefined));
  client.frame('CONNECT', { 'accept-version': '1.2', host: 'x', Authorization: `Bearer ${token}` });
  expect((await client.next()).command).toBe('CONNECTED');
  return client;
}
