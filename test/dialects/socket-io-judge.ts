import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Server as SocketIoServer } from 'socket.io';
import { limitsWith } from '../../src/library/limits.js';
import { engineServer } from '../../src/library/transport/engine-server.js';
import type { OpenEngineConversation } from '../../src/library/transport/engine-wire.js';
import { attachTransports } from '../../src/library/transport/listener.js';
import { Origins } from '../../src/library/transport/origins.js';
import { Proxies } from '../../src/library/transport/proxies.js';
import { systemClock } from '../../src/library/transport/system-clock.js';

// Runs the suites of github:socketio/engine.io-protocol and github:socketio/socket.io-protocol, which are not part of this
// repository, against the engine as it is mounted here:
//
//   (cd <clone>/test-suite && npm ci --ignore-scripts)
//   npx tsx test/dialects/socket-io-judge.ts <clone of engine.io-protocol> <clone of socket.io-protocol>

/** What both suites expect. */
const PORT = 3000;
const limits = limitsWith({ pingMs: 300, socketIoPongMs: 200, bodyBytes: 1e6, lingerBytes: 2e6 });

/** Their messages go to what is bound to the engine, all of them. */
const passing: OpenEngineConversation = (wire) => ({
  isNew: false,
  slices: { isOver: false, later: (callback) => void setImmediate(callback) },
  receive: (message) => wire.pass(message),
  heard: () => undefined,
  disconnected: () => undefined,
  terminate: () => wire.cut(),
});

async function mounted(path: string, speak: (engine: Engine) => void): Promise<Server> {
  const engine = await engineServer(limits);
  speak(engine);
  const server = createServer((_, response) => void response.writeHead(404).end());
  const others = server.listeners('request') as ((...about: unknown[]) => void)[];
  const proxies = new Proxies([], undefined);
  const transports = attachTransports(server, {
    openSession: () => {
      throw new Error('Nobody speaks STOMP here');
    },
    origins: new Origins([], proxies),
    proxies,
    limits,
    clock: systemClock,
    report: (error) => console.error(error),
    chooseSubprotocol: () => undefined,
    paths: { sockJs: '/ws', webSocket: '/stomp' },
    engines: [{ path, label: 'judged', engine, open: passing }],
  });
  server.removeAllListeners('request');
  server.on('request', (request, response) =>
    transports.middleware(request, response, () => others.forEach((other) => other(request, response))),
  );
  server.listen(PORT);
  await once(server, 'listening');
  return server;
}

type Engine = Awaited<ReturnType<typeof engineServer>>;

function echo(engine: Engine): void {
  engine.on(
    'connection',
    (conn: { on(event: string, heard: (data: string) => void): void; send(data: string): void }) =>
      conn.on('data', (data) => conn.send(data)),
  );
}

function talk(engine: Engine): void {
  const io = new SocketIoServer({ connectTimeout: 1000 });
  io.bind(engine);
  io.on('connection', (socket) => {
    socket.emit('auth', socket.handshake.auth);
    socket.on('message', (...values: unknown[]) => socket.emit('message-back', ...values));
    socket.on('message-with-ack', (...values: unknown[]) =>
      (values.pop() as (...values: unknown[]) => void)(...values),
    );
  });
  io.of('/custom').on('connection', (socket) => socket.emit('auth', socket.handshake.auth));
}

async function judge(
  clone: string | undefined,
  path: string,
  speak: (engine: Engine) => void,
): Promise<void> {
  const suite = join(clone ?? '', 'test-suite');
  if (!clone || !existsSync(join(suite, 'node_modules'))) {
    console.log(`skipped ${path}: its suite isn't there, with its packages (${suite})`);
    return;
  }
  const server = await mounted(path, speak);
  // Its clients miss what comes in one chunk with the message before it.
  const patient = pathToFileURL(join(import.meta.dirname, 'patient-websocket.mjs')).href;
  const mocha = spawn('npx', ['mocha', 'test-suite.js'], {
    cwd: suite,
    stdio: 'inherit',
    env: { ...process.env, NODE_OPTIONS: `--import=${patient}` },
  });
  const [code] = (await once(mocha, 'exit')) as [number];
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  if (code !== 0) process.exitCode = 1;
}

const [engineSuite, socketSuite] = process.argv.slice(2);
await judge(engineSuite, '/engine.io', echo);
await judge(socketSuite, '/socket.io', talk);
process.exit();
