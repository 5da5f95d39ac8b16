import { Samples, type Summary } from '../figures.js';
import type { Door } from '../target.js';
import { JitteryClient } from './jittery-client.js';
import { atOnce } from './open-many.js';

export interface JitterClientsJob {
  readonly door: Door;
  readonly clients: number;
  /** Notifications that each will have got. */
  readonly each: number;
  /** From a return to the next cut, on the average. */
  readonly cutAfterMs: number;
  readonly awayMs: number;
}

export interface JitterClientsResult {
  readonly delivered: number;
  readonly duplicates: number;
  readonly cuts: number;
  /** From the connect(2) of who returns to the last row of what was missed. */
  readonly replay: Summary;
}

/** After so long without any news whoever lacks something won't get it any more. */
const PATIENCE_MS = 10_000;

/** Clients whose connections are cut again and again, and who return by cursor. */
export async function prepare(job: JitterClientsJob): Promise<() => Promise<JitterClientsResult>> {
  const replays = new Samples();
  const clients = Array.from({ length: job.clients }, (_, i) => new JitteryClient(job.door, i));
  await atOnce(clients.length, async (i) => clients[i]?.arrive());

  return async () => {
    let cuts = 0;
    let isOver = false;
    const live = async (client: JitteryClient): Promise<void> => {
      // In the middle of an interval when it begins, like anybody whom one looks at.
      let untilCut = Math.random() * job.cutAfterMs;
      for (;;) {
        await passed(untilCut);
        if (isOver) return;
        client.cut();
        cuts += 1;
        await passed(job.awayMs);
        const began = performance.now();
        await client.arrive();
        replays.add(performance.now() - began);
        untilCut = (0.5 + Math.random()) * job.cutAfterMs;
      }
    };
    for (const client of clients) void live(client);
    const delivered = (): number => clients.reduce((sum, client) => sum + client.delivered, 0);
    for (let before = -1, quietMs = 0; delivered() < job.clients * job.each && quietMs < PATIENCE_MS;) {
      const count = delivered();
      quietMs = count === before ? quietMs + LOOK_MS : 0;
      before = count;
      await passed(LOOK_MS);
    }
    isOver = true;
    return {
      delivered: delivered(),
      duplicates: clients.reduce((sum, client) => sum + client.duplicates, 0),
      cuts,
      replay: replays.summary(),
    };
  };
}

const LOOK_MS = 100;

function passed(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
