import type { Attacker } from '../attacker.js';
import type { Scenario } from '../scenario.js';
import type { StompLine } from '../stomp-line.js';

export const inbox: Scenario = {
  name: 'inbox',
  kind: 5,
  about:
    'Reads its inbox from the start on many connections, acknowledges all of it, marks it read and unread again.',
  async attack(attacker) {
    const { random } = attacker;
    await attacker.repeat(async () => {
      const lines: StompLine[] = [];
      await attacker.repeat(
        async () => {
          const line = await attacker.stomp();
          if (line) lines.push(line);
        },
        { atOnce: 10, limit: random.between(10, 60) },
      );
      const acks = lines.map((line) => line.heads('MESSAGE'));
      lines.forEach((line) => replay(attacker, line));
      await attacker.pause(1_000);
      lines.forEach((line, i) => {
        for (const head of acks[i] ?? []) acknowledge(line, head);
        for (let turn = 0; turn < random.between(0, 50); turn++) mark(attacker, line, turn);
      });
      await attacker.pause(1_000);
      lines.forEach(({ socket }) => socket.terminate());
    });
  },
};

function replay({ random }: Attacker, line: StompLine): void {
  for (let i = 0; i < random.between(1, 16); i++)
    line.send('SUBSCRIBE', {
      id: `${i}`,
      destination: '/user/queue/notifications',
      ack: 'client-individual',
      'prefetch-count': '1000',
      since: 'earliest',
    });
}

function acknowledge(line: StompLine, head: string): void {
  const id = /\nack:(\S+)/.exec(head)?.[1];
  if (id !== undefined) line.send('ACK', { id });
}

function mark({ job }: Attacker, line: StompLine, turn: number): void {
  const state = turn % 2 === 0 ? 'read' : 'unread';
  line.send(
    'SEND',
    { destination: `/app/notifications.${state}`, 'content-type': 'application/json' },
    JSON.stringify(turn % 3 === 0 ? { upTo: job.account.cursor } : { ids: [job.account.notificationId] }),
  );
}
