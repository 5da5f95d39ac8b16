import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Preloaded into the Node servers that are measured: tells its parent what the process used. It holds nothing up
 * and keeps nothing alive.
 */
let loop: IntervalHistogram | undefined;

process.on('message', (ask: Ask) => {
  if (ask === 'collect garbage') {
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
    process.send?.('collected');
    return;
  }
  if (typeof ask === 'object') {
    loop?.disable();
    loop = monitorEventLoopDelay({ resolution: ask.watchLoopEveryMs });
    loop.enable();
    process.send?.('watching');
    return;
  }
  const { user, system } = process.cpuUsage();
  const reading: Reading = {
    cpuMicros: user + system,
    residentBytes: process.memoryUsage.rss(),
    loopP999Ms: loop ? loop.percentile(99.9) / 1e6 : Number.NaN,
    loopMaxMs: loop ? loop.max / 1e6 : Number.NaN,
  };
  process.send?.(reading);
});
process.channel?.unref();
// Whoever measures may be killed; a server isn't left behind.
process.on('disconnect', () => process.exit());

/** Each look at the loop wakes a server that waits: every ms, that is up to 4 % of a core, every 10 ms less than 1. */
export type Ask = 'read' | 'collect garbage' | { readonly watchLoopEveryMs: number };

/** What a server has used since it began; of its event loop, since it was watched. */
export interface Reading {
  readonly cpuMicros: number;
  readonly residentBytes: number;
  /** Of turns of the event loop, the sampling interval included; NaN where it wasn't watched. */
  readonly loopP999Ms: number;
  readonly loopMaxMs: number;
}
