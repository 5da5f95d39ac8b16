import { once } from 'node:events';
import type { Scenario } from '../scenario.js';

export const log: Scenario = {
  name: 'log',
  kind: 3,
  about: 'Asks for paths of up to 14 KB while nobody reads the log.',
  async attack(attacker) {
    const { random } = attacker;
    await attacker.repeat(
      async (round) => {
        const length = round < 100 ? 8_000 : random.magnitude(10, 14_000);
        const path = `/${random
          .pick(['x', '%0a', '%00', 'ä'.normalize('NFD'), '"'])
          .repeat(length)
          .slice(0, length)}`;
        const request = attacker.request('GET', Buffer.from(path).toString('latin1'), {
          headers: { 'User-Agent': 'x'.repeat(random.between(0, 1_000)), Origin: 'http://x.example' },
        });
        await attacker.ask(request);
        await attacker.pause(2);
      },
      { limit: 20_000 },
    );
  },
  async befall(node, _, over) {
    node.stopReadingLog();
    if (!over.aborted) await once(over, 'abort');
    node.readLog();
  },
};
