import { Samples, type Summary } from '../figures.js';
import { frame, framesIn, StompSocket } from '../stomp-socket.js';
import type { Door } from '../target.js';
import { messageFrame, now, sentAt } from './timed-message.js';

export interface ReplayJob {
  /** Of somebody whose inbox is full. */
  readonly reader: Door;
  readonly rows: number;
  /** Of somebody else, who talks to himself meanwhile. */
  readonly bystander: Door;
}

export interface ReplayResult {
  readonly rows: number;
  /** From the bystander's SEND to his MESSAGE, while the replay goes on. */
  readonly bystander: Summary;
}

const TOPIC = '/topic/bystander';
const EVERY_MS = 2;

/** A reader who asks for all rows of his inbox, and somebody who shouldn't notice. */
export async function prepare(job: ReplayJob): Promise<() => Promise<ReplayResult>> {
  const bystander = await StompSocket.open(job.bystander);
  const latencies = new Samples();
  bystander.onMessage = (bytes, start) => {
    const sent = sentAt(bytes, start);
    if (sent !== undefined) latencies.add(now() - sent);
  };
  bystander.send(frame('SUBSCRIBE', { id: '0', destination: TOPIC }));
  const talk = (): void => bystander.send(messageFrame({ destination: TOPIC }, 100));
  // Once through all of it, so that the first of the replay isn't the first of everything.
  const talking = setInterval(talk, EVERY_MS);
  await new Promise((done) => setTimeout(done, 500));

  const reader = await StompSocket.open(job.reader);
  return async () => {
    latencies.clear();
    const rows = await replay(reader, job.rows);
    clearInterval(talking);
    return { rows, bystander: latencies.summary() };
  };
}

function replay(reader: StompSocket, rows: number): Promise<number> {
  return new Promise((resolve, reject) => {
    // The verdict comes first and is no row.
    let received = -1;
    reader.onMessage = (bytes, start, end) => {
      received += framesIn(bytes, start, end);
      if (received >= rows) resolve(received);
    };
    reader.onClose = (reason) => reject(new Error(`After ${received} rows: ${reason}`));
    reader.send(frame('SUBSCRIBE', { id: '0', destination: '/user/queue/notifications', since: 'earliest' }));
  });
}
