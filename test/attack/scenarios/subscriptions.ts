import type { Attacker } from '../attacker.js';
import type { Scenario } from '../scenario.js';
import type { StompLine } from '../stomp-line.js';

const DESTINATIONS = [
  '/user/queue/notifications',
  '/user/queue/inbox',
  '/topic/announcements',
  '/user/queue/x',
];

export const subscriptions: Scenario = {
  name: 'subscriptions',
  kind: 5,
  about:
    'Subscribes a thousand times on each of many connections, with long ids, and lets one message come to all.',
  async attack(attacker) {
    const { random } = attacker;
    await attacker.repeat(async (round) => {
      const connections = round === 0 ? 50 : random.magnitude(5, 100);
      const lines: StompLine[] = [];
      await attacker.repeat(
        async () => {
          const line = await attacker.stomp();
          if (line) lines.push(line);
        },
        { atOnce: 10, limit: connections },
      );
      const idLength = round === 0 ? 10 : random.pick([10, 255, 256, 10_000]);
      await Promise.all(lines.map((line) => subscribe(attacker, line, { count: 1_000, idLength })));
      for (let change = 0; change < 5 && !attacker.isOver; change++) await ring(attacker, change);
      lines.forEach(({ socket }) => socket.terminate());
    });
  },
};

/** As many as are let in: the first that is refused ends the connection. */
async function subscribe(
  attacker: Attacker,
  line: StompLine,
  { count, idLength }: { readonly count: number; readonly idLength: number },
): Promise<void> {
  const { random } = attacker;
  const isOnOne = random.chance(0.5);
  for (let i = 0; i < count && line.isOpen; i++) {
    const [first = ''] = DESTINATIONS;
    line.send('SUBSCRIBE', {
      id: `${i}`.padEnd(idLength, 'x'),
      // Up to the limit of one address, on as many addresses as there can be.
      destination: isOnOne ? first : `/user/queue/${random.between(0, 200)}`,
      ...(random.chance(0.1) && { ack: 'client-individual' }),
    });
    if (i % 100 === 99) await attacker.pause(1);
  }
  await line.done(
    'SEND',
    { destination: '/app/notifications.seen', 'content-type': 'application/json' },
    '{"ids":[1]}',
  );
}

/** Something that all devices of the attacker are told of, on one address or the other. */
async function ring(attacker: Attacker, turn: number): Promise<void> {
  const { appointmentId, notificationId } = attacker.job.account;
  const reason = `for the ${turn}th time ${attacker.random.fraction()}`;
  await attacker.ask(attacker.signedRequest('PATCH', `/api/appointments/${appointmentId}`, { reason }));
  const isRead = turn % 2 === 0;
  await attacker.ask(attacker.signedRequest('PATCH', `/api/notifications/${notificationId}`, { isRead }));
}
