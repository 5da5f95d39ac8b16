import { once } from 'node:events';
import { createServer } from 'node:http';
import { Session, type Profiler } from 'node:inspector/promises';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { attachStomp } from '../src/library/transport/attach-stomp.js';

/** docs/design.md says which they are, and why they aren't fewer. */
const MOST_FILES = 34;

it('the code that one SEND runs, from its socket to a subscriber’s, lies in a few files', async () => {
  const server = createServer();
  const broker = await attachStomp(server, {
    authenticator: { authenticate: async ({ login }) => ({ name: login ?? '', roles: [] }) },
    authorizer: { isAllowed: () => true },
  });
  server.listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const [sender, reader] = await Promise.all([connect(port), connect(port)]);
  await ask(reader, 'SUBSCRIBE\nid:0\ndestination:/topic/news\nreceipt:r\n\n\0', reader);

  const send = async (): Promise<void> => {
    await ask(sender, 'SEND\ndestination:/topic/news\n\nhello\0', reader);
    // Timers and turns that the one before has left behind.
    await wait(50);
  };
  for (let i = 0; i < 10; i++) await send();
  const sends = [await functionsRun(send), await functionsRun(send), await functionsRun(send)];
  [sender, reader].forEach((client) => client.terminate());
  await broker.close();
  server.close();

  // What ran each time: a timer of something else may have run in one of them.
  const ran = sends.reduce((before, now) => before.filter((one) => now.includes(one)));
  const files = new Set(ran.map((one) => one.split('#')[0]));
  expect(ran).toContain('stomp/decoder.ts#next');
  expect(ran).toContain('transport/outbox.ts#push');
  // From other files it is entered twice: `receive` calls `heard` itself.
  expect(ran.filter((one) => one.startsWith('session/session.ts')).toSorted()).toEqual([
    'session/session.ts#heard',
    'session/session.ts#perform',
    'session/session.ts#receive',
  ]);
  expect([...files].toSorted().slice(MOST_FILES)).toEqual([]);
});

async function connect(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/stomp`, 'v12.stomp');
  await once(socket, 'open');
  await ask(socket, 'CONNECT\naccept-version:1.2\nhost:x\nlogin:ada\n\n\0', socket);
  return socket;
}

async function ask(from: WebSocket, frame: string, to: WebSocket): Promise<void> {
  const answer = once(to, 'message');
  from.send(frame);
  await answer;
}

/** The functions of the library that ran meanwhile, as `file#name`. */
async function functionsRun(work: () => Promise<void>): Promise<string[]> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  await session.post('Profiler.takePreciseCoverage');
  await work();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  await session.post('Profiler.stopPreciseCoverage');
  session.disconnect();

  return result.flatMap(({ url, functions }) => {
    const file = /\/src\/library\/(.*)$/.exec(url)?.[1];
    if (file === undefined) return [];
    return functions.filter(hasRun).map(({ functionName }) => `${file}#${functionName}`);
  });
}

function hasRun({ functionName, ranges }: Profiler.FunctionCoverage): boolean {
  return functionName !== '' && ranges.some(({ count }) => count > 0);
}
