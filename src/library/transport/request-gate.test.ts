import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { TransportNode } from '../../../test/transport-node.js';

function keepBusy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test('whoever makes a request is company to those who have much to do on their connections', async () => {
  const node = await TransportNode.start({ limits: { turnMs: 800 } });
  const { slices } = node.broker;
  slices.attend('user ann');

  expect(slices.isOverFor('user ann')).toBe(false);
  keepBusy(110);
  expect(slices.isOverFor('user ann')).toBe(false);
  await (await fetch(node.url('/x'))).arrayBuffer();
  expect(slices.isOverFor('user ann')).toBe(false);
  keepBusy(110);

  expect(slices.isOverFor('user ann')).toBe(true);
  await node.stop();
});

/** The status of one request from an address. */
function ask(node: TransportNode, localAddress: string): Promise<string> {
  const socket = connect({ port: node.port, host: '127.0.0.1', localAddress });
  socket.on('error', () => undefined);
  socket.write('GET /x HTTP/1.1\r\nHost: x\r\n\r\n');
  return new Promise((resolve) =>
    socket.once('data', (bytes) => {
      socket.destroy();
      resolve(bytes.toString('latin1', 9, 12));
    }),
  );
}

test.each([
  ['one address pauses', [], false],
  ['what came through a proxy doesn’t', ['127.0.0.1'], true],
])('after a body in chunks of a byte %s, and another address is served', async (_, proxies, isServed) => {
  const node = await TransportNode.start({
    proxies,
    limits: { requestParseMs: 0.01, bodyPieces: Infinity, lingerBytes: Infinity },
  });
  const socket = connect({ port: node.port, host: '127.0.0.1', localAddress: '127.0.0.1' });
  socket.on('error', () => undefined);
  socket.write('POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
  socket.write('1\r\nx\r\n'.repeat(200_000));
  await once(socket, 'data');

  let own = 0;
  const over = new AbortController();
  const asking = (async () => {
    for (; !over.signal.aborted; own++) await ask(node, '127.0.0.1');
  })();
  for (let i = 0; i < 200; i++) expect(await ask(node, '127.0.0.2')).toBe('404');
  over.abort();

  expect(own > 50).toBe(isServed);
  await asking;
  socket.destroy();
  await node.stop();
});
