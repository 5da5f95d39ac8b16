import type { Attacker } from '../attacker.js';
import type { Scenario } from '../scenario.js';

export const conversations: Scenario = {
  name: 'conversations',
  kind: 6,
  about:
    'Begins conversations, says much in them, types and stops, reads, and posts batches that patients may not.',
  async attack(attacker) {
    const { random } = attacker;
    const own = await begun(attacker);
    await attacker.repeat(
      async (round) => {
        const way = ways[round] ?? random.pick(ways);
        await way(attacker, own);
      },
      { atOnce: 3 },
    );
  },
};

type Way = (attacker: Attacker, conversation: number) => Promise<void>;

const ways: readonly Way[] = [
  // More than an hour has.
  (attacker, id) =>
    attacker.pipeline(
      Array.from({ length: 1_200 }, () =>
        attacker.signedRequest('POST', `/api/conversations/${id}/messages`, {
          text: 'x'.repeat(attacker.random.magnitude(1, 4_000)),
        }),
      ).join(''),
      1_200,
      attacker.random.pick(['reads', 'gone', 'deaf']),
    ),
  // Begun again and again: of two people there is one.
  (attacker) =>
    attacker.pipeline(
      Array.from({ length: 200 }, (_, i) =>
        attacker.signedRequest('POST', '/api/conversations', {
          memberIds: [attacker.job.doctorId, ...(i % 3 === 0 ? [attacker.random.between(1, 1_000)] : [])],
        }),
      ).join(''),
      200,
      'reads',
    ),
  // Typed and stopped, of each of which its members hear.
  async (attacker, id) => {
    const line = await attacker.stomp();
    if (!line) return;
    for (let i = 0; line.isOpen && i < 1_000; i++)
      line.send('SEND', { destination: `/app/conversations/${id}/typing-${i % 2 === 0 ? 'start' : 'stop'}` });
    await attacker.pause(500);
    line.socket.terminate();
  },
  // Read up to here and there, and from the start, on many subscriptions.
  async (attacker, id) => {
    const line = await attacker.stomp();
    if (!line) return;
    for (let i = 0; line.isOpen && i < 16; i++) {
      const destination = `/topic/conversations.${id}`;
      line.send('SUBSCRIBE', { id: `${i}`, destination, since: 'earliest', ack: 'client-individual' });
      line.send('SEND', { destination: `/app/conversations/${id}/read` }, JSON.stringify({ upTo: i }));
    }
    await attacker.pause(500);
    line.socket.terminate();
  },
  // A thousand alerts in one request, which operators may send alone.
  async (attacker) => {
    const { id } = attacker.job.account;
    const items = Array.from({ length: 1_000 }, () => ({ userId: id, message: 'x'.repeat(500) }));
    const batch = attacker.signedRequest('POST', '/api/notifications/batch', { items });
    await attacker.pipeline(batch.repeat(20), 20, attacker.random.pick(['reads', 'gone']));
  },
];

/** Its number; that of one that isn't there where it was refused. */
async function begun(attacker: Attacker): Promise<number> {
  const body = { memberIds: [attacker.job.doctorId] };
  const answer = await attacker.answerOf(
    attacker.signedRequest('POST', '/api/conversations', body, { Connection: 'close' }),
  );
  return Number(/"id":(\d+)/.exec(answer)?.[1] ?? 0);
}
