import { raisedSettings } from '../carillon-settings.js';
import { median } from '../figures.js';
import { startLoad } from '../load.js';
import type { prepare } from '../loads/slow.js';
import { nodeBrokers, startPeers } from '../peers.js';
import type { Row, Shape } from '../shape.js';
import type { Peer, Target } from '../target.js';
import type { Options } from '../options.js';

const READERS = 100;
const PER_SECOND = 500;
const BODY_BYTES = 4_096;

export const slow: Shape = {
  name: 'slow',
  about:
    `${PER_SECOND} messages a second, of ${BODY_BYTES} bytes, to ${READERS} subscribers of one topic; all of them read what comes, or one ` +
    'of them takes 1 KiB a second from its socket. Latency is of the others, from before the SEND to the MESSAGE (every 5th ' +
    'of them). Memory is the most that was resident, looked at four times a second. `slow open` says whether the slow ' +
    'one was still connected at the end, when it had read what was left: Carillon closes who has 8 MiB waiting, or 1 MiB for 10 s; the others close nobody.',
  aims: ["the others' p99 within 10 % of that without a slow one", 'memory within 5 %'],
  // As long as a stalled reader is left in peace.
  seconds: 12,

  async run(options) {
    const rows: Row[] = [];
    const remarks = new Set([raisedSettings]);
    for (const peer of nodeBrokers) {
      const without = await measureOften(peer, 0, options, remarks);
      const withOne = await measureOften(peer, 1, options, remarks);
      if (!without || !withOne) continue;
      for (const one of [without, withOne])
        rows.push({
          server: peer.name,
          'slow readers': one.slow,
          'p50 ms': one.latency.p50,
          'p99 ms': one.latency.p99,
          'times without': one.latency.p99 / without.latency.p99,
          MiB: one.mib,
          'times without, MiB': one.mib / without.mib,
          'CPU µs per delivery': one.cpuMicros,
          'load µs': one.loadMicros,
          'slow KiB read': one.slowKib,
          'slow open': one.slowOpen,
          delivered: one.delivered,
          expected: one.expected,
        });
    }
    return { tables: [{ title: `${READERS} subscribers`, rows }], remarks: [...remarks] };
  },
};

type Figures = Awaited<ReturnType<typeof measure>>;

/** The run in the middle by p99; undefined where the peer isn't here. */
async function measureOften(
  peer: Peer,
  slowReaders: number,
  options: Options,
  remarks: Set<string>,
): Promise<Figures | undefined> {
  const runs: Figures[] = [];
  for (let round = 0; round < options.repeat; round++) {
    const { targets, skipped } = await startPeers([peer], options.peers);
    for (const remark of skipped) remarks.add(remark);
    for (const target of targets) runs.push(await measure(target, slowReaders, options.seconds));
  }
  return runs.length > 0 ? median(runs, ({ latency }) => latency.p99) : undefined;
}

/** On a fresh server, which is stopped: memory that was used before isn't given back. */
async function measure(target: Target, slowReaders: number, seconds: number) {
  try {
    const quick = READERS - slowReaders;
    const load = await startLoad<typeof prepare>('slow', {
      door: target.door,
      quick,
      slow: slowReaders,
      perSecond: PER_SECOND,
      bodyBytes: BODY_BYTES,
      seconds,
    });
    const before = await target.read();
    const run = load.run();
    const peakBytes = await peakDuring(run, target);
    const { messages, delivered, latency, slowBytes, slowOpen, loadCpuMicros } = await run;
    const after = await target.read();
    await load.stop();
    return {
      slow: slowReaders,
      latency,
      cpuMicros: (after.cpuMicros - before.cpuMicros) / delivered,
      loadMicros: loadCpuMicros / delivered,
      mib: peakBytes / 2 ** 20,
      slowKib: slowBytes / 1024,
      slowOpen,
      delivered,
      expected: messages * quick,
    };
  } finally {
    await target.stop();
  }
}

/** The most bytes that were resident. */
async function peakDuring(run: Promise<unknown>, target: Target): Promise<number> {
  let peak = 0;
  for (;;) {
    const { residentBytes } = await target.read();
    peak = Math.max(peak, residentBytes);
    const pause = new Promise((done) => setTimeout(done, LOOK_MS, LOOK_AGAIN));
    if ((await Promise.race([run, pause])) !== LOOK_AGAIN) return peak;
  }
}

const LOOK_MS = 250;
const LOOK_AGAIN = Symbol('not over yet');
