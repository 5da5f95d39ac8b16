import { limits } from '../../src/library/limits.js';
import { lineFor } from '../../src/library/relay/line-for.js';
import type { Line } from '../../src/library/relay/line.js';
import { now } from './timed-message.js';

export interface LineJob {
  readonly url: string;
  readonly channel: string;
  readonly bytes: number;
  /** So many a second, or as many as the line takes. */
  readonly rate: number | 'flood';
  readonly seconds: number;
}

export interface LineResult {
  readonly sent: number;
}

/** A node that sends on one channel. Each payload says when it was made. */
export async function prepare(job: LineJob): Promise<() => Promise<LineResult>> {
  const line = await lineFor(job.url, limits);
  let isUp = false;
  await line.open({ heard: () => {}, up: () => (isUp = true), away: () => (isUp = false) });
  if (!isUp) throw new Error('the engine is away');
  const send = (): boolean => line.send(job.channel, payloadOf(job.bytes));
  const run = job.rate === 'flood' ? flood : paced(job.rate);
  // Not closed: that would leave behind what a slow engine hasn't taken yet.
  return async () => ({ sent: await run(line, send, job.seconds) });
}

/** When a payload was made. */
export function madeAt(payload: Uint8Array): number {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).readDoubleLE();
}

function payloadOf(bytes: number): Buffer {
  const payload = Buffer.alloc(bytes, 'x');
  payload.writeDoubleLE(now());
  return payload;
}

async function flood(line: Line, send: () => boolean, seconds: number): Promise<number> {
  let sent = 0;
  for (const end = performance.now() + seconds * 1_000; performance.now() < end;) {
    // Half of what may wait: nothing is dropped, and the engine is never idle.
    while (line.unsentBytes() < limits.relayOutboxBytes / 2 && send()) sent += 1;
    await new Promise<void>((resolve) => line.onDrain(resolve));
  }
  return sent;
}

function paced(rate: number) {
  return async (_line: Line, send: () => boolean, seconds: number): Promise<number> => {
    let sent = 0;
    for (const began = performance.now(); sent < rate * seconds;) {
      const due = Math.min(rate * seconds, ((performance.now() - began) / 1_000) * rate);
      while (sent < due && send()) sent += 1;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return sent;
  };
}
