import type { Socket } from 'node:net';
import { upgradeRequest } from '../../../bench/wires/web-socket.js';
import { closeOf, type Attacker } from '../attacker.js';
import type { Scenario } from '../scenario.js';

export const sockets: Scenario = {
  name: 'sockets',
  kind: 1,
  about: 'Opens connections by the hundred and leaves them: silent, half sent, unread, or gone at once.',
  async attack(attacker) {
    const { random } = attacker;
    await attacker.repeat(async (round) => {
      const way = ways[round] ?? random.pick(ways);
      const open: Socket[] = [];
      await attacker.repeat(
        async () => {
          const socket = await way(attacker);
          if (socket) open.push(socket);
        },
        { atOnce: 20, limit: random.magnitude(50, 500) },
      );
      if (random.chance(0.5)) await attacker.pause(random.between(100, 3_000));
      open.forEach((socket) => (random.chance(0.5) ? socket.destroy() : socket.resetAndDestroy()));
    });
  },
};

type Way = (attacker: Attacker) => Promise<Socket | undefined>;

const ways: readonly Way[] = [
  // Nothing at all; half a head; half a body.
  (attacker) => after(attacker, ''),
  (attacker) => after(attacker, 'GET /livez HTTP/1.1\r\nHost: x\r\nX-'),
  (attacker) => after(attacker, 'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{'),
  // Half an upgrade, a whole one and no CONNECT, one that is gone before its answer.
  (attacker) => after(attacker, upgrade(attacker, '/stomp').slice(0, -2)),
  (attacker) => after(attacker, upgrade(attacker, '/stomp')),
  (attacker) => after(attacker, upgrade(attacker, `/ws/000/${attacker.random.between(0, 1e9)}/websocket`)),
  (attacker) => after(attacker, upgrade(attacker, '/nowhere')),
  // Sessions of SockJS that nobody comes back for.
  ...['xhr', 'xhr_streaming', 'eventsource', 'htmlfile?c=x', 'jsonp?c=x'].map(
    (transport): Way =>
      (attacker) => {
        const path = `/ws/${attacker.random.between(0, 999)}/${attacker.random.between(0, 1e9)}/${transport}`;
        return after(attacker, attacker.request(/^(xhr)/.test(transport) ? 'POST' : 'GET', path));
      },
  ),
  // Streams that nobody reads.
  (attacker) => after(attacker, attacker.signedRequest('GET', '/api/notifications/stream?since=earliest')),
  // STOMP without TLS or WebSocket: silence, and a frame without end.
  (attacker) => after(attacker, '', attacker.job.tcpPort),
  (attacker) => after(attacker, `CONNECT\naccept-version:1.2\nx:${'y'.repeat(5_000)}`, attacker.job.tcpPort),
];

/** A connection on which this was sent, and nothing is read. */
async function after(attacker: Attacker, text: string, port?: number): Promise<Socket | undefined> {
  const socket = await attacker.connect(port);
  if (!socket) return undefined;
  socket.on('data', (bytes: Buffer) => {
    const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(bytes.toString('latin1', 0, 12)) ?? [];
    if (status !== undefined) attacker.count(status);
    socket.pause();
  });
  const sent = new Promise((resolve) => socket.write(text || '\n', resolve));
  await Promise.race([sent, closeOf(socket)]);
  return socket;
}

function upgrade({ job }: Attacker, path: string): string {
  return upgradeRequest(`http://127.0.0.1:${job.port}${path}`);
}
