import { Samples, type Summary } from '../figures.js';
import { frame, StompSocket } from '../stomp-socket.js';
import type { Door } from '../target.js';

export interface ConnectJob {
  readonly door: Door;
  readonly connections: number;
  /** Connections that are being made at once. */
  readonly atOnce: number;
}

export interface ConnectResult {
  readonly connected: number;
  /** From the connect(2) to the RECEIPT of SUBSCRIBE. */
  readonly latency: Summary;
}

/** A storm: everybody connects and subscribes as fast as it goes, and stays. */
export function prepare(job: ConnectJob): Promise<() => Promise<ConnectResult>> {
  const sockets: StompSocket[] = [];
  return Promise.resolve(async () => {
    const latencies = new Samples();
    let next = 0;
    const connectInTurn = async (): Promise<void> => {
      for (let i = next++; i < job.connections; i = next++) {
        const began = performance.now();
        const socket = await StompSocket.open(job.door, i);
        await subscribed(socket);
        latencies.add(performance.now() - began);
        sockets.push(socket);
      }
    };
    await Promise.all(Array.from({ length: job.atOnce }, connectInTurn));
    return { connected: sockets.length, latency: latencies.summary() };
  });
}

function subscribed(socket: StompSocket): Promise<void> {
  return new Promise((resolve) => {
    socket.onClose = (reason) => {
      throw new Error(`A connection was refused: ${reason}`);
    };
    socket.onMessage = () => resolve();
    socket.send(frame('SUBSCRIBE', { id: '0', destination: '/topic/bench', receipt: '0' }));
  });
}
