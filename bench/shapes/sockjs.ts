import { raisedSettings } from '../carillon-settings.js';
import { startPeers, transports } from '../peers.js';
import type { Outcome, Shape } from '../shape.js';
import { compare, isAsked, type Setting } from './fanout.js';

const scale: readonly Setting[] = [1, 32].map((window) => ({ subscribers: 100, bodyBytes: 100, window }));

export const sockjs: Shape = {
  name: 'sockjs',
  about:
    "The fan-out of the shape `fanout` to 100 subscribers over plain WebSocket, over SockJS's WebSocket and over its " +
    'xhr-streaming; who publishes always does it over plain WebSocket. CPU is of the server, per MESSAGE that arrived. The load takes ' +
    "SockJS's JSON apart once for all who get the same, and reads xhr-streaming with Node's own HTTP client: `load` says what that costs.",
  aims: ["SockJS's WebSocket: at most 1.2 times the CPU of plain WebSocket"],

  async run(options) {
    const { targets, skipped } = await startPeers(transports, options.peers);
    try {
      const outcomes: Outcome[] = [];
      for (const setting of scale.filter((one) => isAsked(one, options)))
        outcomes.push(await compare(setting, targets, options));
      return {
        tables: outcomes.flatMap(({ tables }) => tables),
        remarks: [raisedSettings, ...skipped, ...outcomes.flatMap(({ remarks }) => remarks)],
      };
    } finally {
      await Promise.all(targets.map((target) => target.stop()));
    }
  },
};
