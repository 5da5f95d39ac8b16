import type { Scenario } from '../scenario.js';
import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 3_000;

export const clock: Scenario = {
  name: 'clock',
  kind: 7,
  about: 'The clock on the wall is set by 30 s, forward and back, and the process stands still for 3 s.',
  isTimeless: true,
  async attack(attacker) {
    const line = await attacker.stomp({
      Authorization: `Bearer ${attacker.job.account.token}`,
      'heart-beat': '1000,1000',
    });
    // Its own beats, which are lawful: a close is the node's fault.
    await attacker.repeat(async () => {
      if (line?.isOpen === false) attacker.count('fault: a connection that beats was closed');
      line?.socket.send('\n');
      await attacker.pause(500);
    });
    line?.socket.terminate();
  },
  async befall(node, random, over) {
    let stepped = 0;
    const step = async (ms: number): Promise<void> => {
      stepped += ms;
      await node.stepClock(ms);
      await sleep(random.between(100, 1_500));
    };
    await step(30_000);
    await step(-60_000);
    await node.freeze(PAUSE_MS);
    while (!over.aborted)
      await step(random.between(-30_000, 30_000) - (Math.abs(stepped) > 60_000 ? stepped : 0));
    await node.stepClock(-stepped);
  },
};
