import type { WebSocket } from 'ws';
import type { Attacker } from '../attacker.js';
import type { Scenario } from '../scenario.js';

export const dialects: Scenario = {
  name: 'dialects',
  kind: 5,
  about:
    'Speaks Socket.IO and JSON on many sockets: floods, half messages, upgrades that come to nothing, channels joined and left.',
  async attack(attacker) {
    const { random } = attacker;
    await attacker.repeat(async (round) => {
      const way = ways[round] ?? random.pick(ways);
      const open: WebSocket[] = [];
      await attacker.repeat(
        async () => {
          const socket = await way(attacker);
          if (socket) open.push(socket);
        },
        { atOnce: 10, limit: random.magnitude(5, 100) },
      );
      if (random.chance(0.5)) await attacker.pause(random.between(100, 1_500));
      open.forEach((socket) => socket.terminate());
    });
  },
};

type Way = (attacker: Attacker) => Promise<WebSocket | undefined>;

const ENGINE = '/socket.io/?EIO=4';

const ways: readonly Way[] = [
  // Packets that are no events, and that nobody counts: pongs of Engine.IO, of WebSocket, noops.
  async (attacker) =>
    flooded(await attacker.webSocket(`${ENGINE}&transport=websocket`), 5_000, (socket) => socket.send('3')),
  async (attacker) => flooded(await attacker.webSocket('/stomp'), 5_000, (socket) => socket.pong('')),
  // An upgrade that asks and asks, and is never made.
  async (attacker) => {
    const sid = await session(attacker);
    const path = `${ENGINE}&transport=websocket&sid=${sid}`;
    return flooded(await attacker.webSocket(path), 2_000, (socket) => socket.send('2probe'));
  },
  // Events that come too fast, of a client that has signed in.
  async (attacker) => {
    const socket = await attacker.webSocket(`${ENGINE}&transport=websocket`);
    socket?.send(`40${JSON.stringify({ token: attacker.job.account.token })}`);
    await attacker.pause(100);
    return flooded(socket, attacker.random.between(10, 200), (one, i) => one.send(eventOf(attacker, i)));
  },
  // Posts of many packets, and long ones, of sessions that never poll.
  async (attacker) => {
    const sid = await session(attacker);
    const path = `${ENGINE}&transport=polling&sid=${sid}`;
    const bodies = [
      `40${JSON.stringify({ token: attacker.job.account.token })}`,
      Array.from({ length: 1_000 }, (_, i) => eventOf(attacker, i)).join('\u001e'),
      `42["mark-read","${'x'.repeat(attacker.random.magnitude(1_000, 1_000_000))}"]`,
      // It ends: one that says nothing more is waited for.
      '1',
    ];
    for (const body of bodies) await attacker.ask(attacker.request('POST', path, { body }));
    return undefined;
  },
  // A channel whose members hear of each that comes and goes.
  async (attacker) => {
    const name = attacker.random.pick(['lobby', 'lobby', 'system', 'user-1', '__proto__']);
    const socket = await attacker.webSocket(`/channels/${name}?token=${attacker.job.account.token}`);
    return flooded(socket, attacker.random.between(0, 200), (one) => one.send('{"cmd":"ping"}'));
  },
  // All types that there may be, and more.
  async (attacker) => {
    const socket = await attacker.webSocket(`/notifications?token=${attacker.job.account.token}`);
    return flooded(socket, 60, (one, i) =>
      one.send(
        JSON.stringify({ action: 'subscribe', event_type: i % 2 === 0 ? `t.${i}` : '*', since: null }),
      ),
    );
  },
  // The beginning of a message that never ends.
  async (attacker) => {
    const path = attacker.random.pick(['/notifications', `${ENGINE}&transport=websocket`, '/channels/lobby']);
    return flooded(await attacker.webSocket(path), 100, (socket) =>
      socket.send('x'.repeat(1_000), { fin: false }),
    );
  },
];

/** Its id, of a stranger over polling; 'none' where it was refused. */
async function session(attacker: Attacker): Promise<string> {
  const path = `${ENGINE}&transport=polling`;
  const answer = await attacker.answerOf(attacker.request('GET', path, { headers: { Connection: 'close' } }));
  return /"sid":"([^"]+)"/.exec(answer)?.[1] ?? 'none';
}

function flooded(
  socket: WebSocket | undefined,
  count: number,
  send: (socket: WebSocket, i: number) => void,
): WebSocket | undefined {
  if (!socket) return undefined;
  for (let i = 0; i < count && socket.readyState === socket.OPEN; i++) send(socket, i);
  return socket;
}

function eventOf({ random }: Attacker, i: number): string {
  const name = random.pick(['typing-start', 'typing-stop', 'join-conversation', 'mark-read', 'constructor']);
  return `42${random.chance(0.5) ? i : ''}${JSON.stringify([name, random.between(1, 5)])}`;
}
