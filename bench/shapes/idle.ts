import { median } from '../figures.js';
import { startLoad } from '../load.js';
import type { prepare } from '../loads/idle.js';
import { openFilesLimit } from '../open-files.js';
import type { Options } from '../options.js';
import { raisedSettings } from '../carillon-settings.js';
import { hosts, startPeers } from '../peers.js';
import type { Outcome, Row, Shape } from '../shape.js';
import { timesCarillon } from '../side-by-side.js';
import type { Peer, Target } from '../target.js';

const scale = [2_000, 10_000];

/** What a process has open beside its connections, at most. */
const OWN_FILES = 200;

export const idle: Shape = {
  name: 'idle',
  about:
    "Connections with one subscription each that do nothing: over WebSocket, SockJS's WebSocket and Server-Sent Events, of as many " +
    'users. The sockets beat every 10 s in both directions (`stomp-broker-js` listens, and never beats itself where ' +
    'both are asked for); the streams get a comment every 15 s. Memory is resident, after a garbage collection before the first ' +
    'connection and one after the last, on a fresh server each time. CPU is of the server, of one core, from then on. `reached` are those ' +
    'whom a message has reached at the end (of the streams: that were still open).',
  aims: ['WebSocket 10 KiB each, SockJS 12 KiB, SSE 12 KiB', '10,000 connections: at most 3 % of a core'],
  // As many beats of each.
  seconds: 20,

  async run(options) {
    const outcomes: Outcome[] = [];
    const counts = options.clients === undefined ? scale : [options.clients];
    for (const connections of counts.filter((one) => isAsked(one, options)))
      outcomes.push(await compareIdle(hosts, connections, options));
    return {
      tables: outcomes.flatMap(({ tables }) => tables),
      remarks: [raisedSettings, ...new Set(outcomes.flatMap(({ remarks }) => remarks))],
    };
  },
};

function idleTitle(connections: number): string {
  return `${connections} connections`;
}

function isAsked(connections: number, { only }: Options): boolean {
  return only === undefined || idleTitle(connections).includes(only);
}

interface Figures {
  readonly kibEach: number;
  readonly cpuPercent: number;
  readonly beats: number;
  readonly reached: number;
}

/** One table: so many connections to each of these peers. */
export async function compareIdle(
  peers: readonly Peer[],
  connections: number,
  options: Options,
): Promise<Outcome> {
  const limit = await openFilesLimit();
  if (limit < connections + OWN_FILES) {
    const remark = `${idleTitle(connections)} were skipped: ulimit -n is ${limit} (prlimit --pid $$ --nofile=20000)`;
    return { tables: [], remarks: [remark] };
  }
  const measured: (Figures & { readonly server: string })[] = [];
  const remarks: string[] = [];
  for (const peer of peers) {
    const runs: Figures[] = [];
    for (let round = 0; round < options.repeat; round++) {
      const { targets, skipped } = await startPeers([peer], options.peers, connections);
      remarks.push(...skipped);
      for (const target of targets) runs.push(await measure(target, connections, options.seconds));
    }
    if (runs.length > 0) measured.push({ ...median(runs, ({ kibEach }) => kibEach), server: peer.name });
  }
  const rows = measured.map((one): Row => ({
    server: one.server,
    'KiB each': one.kibEach,
    'times Carillon': timesCarillon(measured, one, ({ kibEach }) => kibEach),
    'CPU % of a core': one.cpuPercent,
    'times Carillon, CPU': timesCarillon(measured, one, ({ cpuPercent }) => cpuPercent),
    'beats heard': one.beats,
    reached: one.reached,
    expected: connections,
  }));
  return { tables: [{ title: idleTitle(connections), rows }], remarks };
}

/** On a fresh server, which is stopped: memory that was used before isn't given back. */
async function measure(target: Target, connections: number, seconds: number): Promise<Figures> {
  try {
    const before = await resident(target);
    const load = await startLoad<typeof prepare>('idle', { door: target.door, connections });
    const after = await resident(target);
    const began = await target.read();
    await new Promise((done) => setTimeout(done, seconds * 1_000));
    const ended = await target.read();
    const { beats, reached } = await load.run();
    await load.stop();
    return {
      kibEach: (after - before) / connections / 1024,
      cpuPercent: ((ended.cpuMicros - began.cpuMicros) / (seconds * 1e6)) * 100,
      beats,
      reached,
    };
  } finally {
    await target.stop();
  }
}

/** Bytes, without garbage. */
async function resident(target: Target): Promise<number> {
  await target.collectGarbage?.();
  return (await target.read()).residentBytes;
}
