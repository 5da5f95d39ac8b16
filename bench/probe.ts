import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Preloaded into the Node servers that are measured: tells its parent what the process used. It holds nothing up
 * and keeps nothing alive.
 */
const loop = monitorEventLoopDelay({ resolution: 1 });

process.on('message', (ask: Ask) => {
  if (ask === 'collect garbage') {
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
    process.send?.('collected');
    return;
  }
  if (ask === 'watch the loop') {
    loop.enable();
    loop.reset();
    process.send?.('watching');
    return;
  }
  const { user, system } = process.cpuUsage();
  const reading: Reading = {
    cpuMicros: user + system,
    residentBytes: process.memoryUsage.rss(),
    loopP999Ms: loop.percentile(99.9) / 1e6,
    loopMaxMs: loop.max / 1e6,
  };
  process.send?.(reading);
});
process.channel?.unref();
// Whoever measures may be killed; a server isn't left behind.
process.on('disconnect', () => process.exit());

export type Ask = 'read' | 'watch the loop' | 'collect garbage';

/** What a server has used since it began; of its event loop, since it was watched. */
export interface Reading {
  readonly cpuMicros: number;
  readonly residentBytes: number;
  /** Of turns of the event loop, the sampling interval of 1 ms included. */
  readonly loopP999Ms: number;
  readonly loopMaxMs: number;
}
