import { readFileSync } from 'node:fs';

/** For how long a process's first thread, its event loop, was ready to run and waited for a core, in ms since it began. */
export function queuedMs(pid: number): number {
  // The kernel's Documentation/scheduler/sched-stats.rst: ns on a core, ns in the run queue, slices.
  const [, queuedNs = ''] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ');
  return Number(queuedNs) / 1e6;
}
