import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { NotHereError, type Peer, type Usage } from '../target.js';

const PORT = 15_674;

/**
 * RabbitMQ's web-stomp plugin on this machine, as it runs: it isn't started or stopped here, and may have other work.
 * Its figures of CPU are those of the whole Erlang machine.
 */
export const rabbitMq: Peer = {
  name: 'rabbitmq',
  async start() {
    if (!(await isListening(PORT)))
      throw new NotHereError(
        `nothing listens on 127.0.0.1:${PORT} (rabbitmq-plugins enable rabbitmq_web_stomp)`,
      );
    const process = await erlangProcess();
    return {
      name: 'rabbitmq',
      door: {
        transport: 'websocket',
        url: `ws://127.0.0.1:${PORT}/ws`,
        credentials: [{ login: 'guest', passcode: 'guest', host: '/' }],
      },
      // The queue goes by itself some time after the run.
      queueHeaders: { persistent: 'true', durable: 'true', 'auto-delete': 'false', 'x-expires': '60000' },
      read: () => usageOf(process),
      stop: () => Promise.resolve(),
    };
  },
};

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** @returns its folder in /proc; undefined where there is none (on other systems), and so no figure of its CPU */
async function erlangProcess(): Promise<string | undefined> {
  const folders = await readdir('/proc').catch(() => []);
  for (const id of folders.filter((name) => /^\d+$/.test(name))) {
    const name = await readFile(`/proc/${id}/comm`, 'utf8').catch(() => '');
    if (name.trim() === 'beam.smp') return `/proc/${id}`;
  }
  return undefined;
}

/** proc(5): utime and stime, fields 14 and 15, in ticks of 10 ms; the name before them may hold blanks. */
async function usageOf(process: string | undefined): Promise<Usage> {
  if (process === undefined) return { cpuMicros: Number.NaN, residentBytes: Number.NaN };
  const stat = await readFile(`${process}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = await readFile(`${process}/status`, 'utf8');
  return {
    cpuMicros: (Number(fields[11]) + Number(fields[12])) * 10_000,
    residentBytes: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024,
  };
}
