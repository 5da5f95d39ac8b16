import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

// It comes without types.
const StompServer = createRequire(import.meta.url)('stomp-broker-js') as StompServerClass;

type StompServerClass = new (settings: {
  server: Server;
  path: string;
  /** For those who ask for beats; the loads do where all servers beat. */
  heartbeat: [number, number];
}) => object;

const server = createServer();
const broker = new StompServer({ server, path: '/stomp', heartbeat: [10_000, 10_000] });
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${broker.constructor.name} listens on ws://127.0.0.1:${port}\n`);
});
