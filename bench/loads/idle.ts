import { frame, StompSocket } from '../stomp-socket.js';
import { SocketIoSocket } from '../socket-io-socket.js';
import type { Door } from '../target.js';
import { EventStream } from '../wires/event-stream.js';
import { WebSocketWire } from '../wires/web-socket.js';
import { Beats } from './beats.js';
import { atOnce, openMany } from './open-many.js';

export interface IdleJob {
  readonly door: Door;
  readonly connections: number;
}

export interface IdleResult {
  /** Beats of the server that were heard, from the first connection on. */
  readonly beats: number;
  /** Connections that got the message which ends it; of others than STOMP's, those that have opened and stayed. */
  readonly reached: number;
}

const TOPIC = '/topic/bench';
const BEAT = 0x0a;

/** Connections that do nothing but beat. */
export function prepare(job: IdleJob): Promise<() => Promise<IdleResult>> {
  switch (job.door.transport) {
    case 'event-stream':
      return streams(job);
    case 'json':
      return jsonSockets(job);
    case 'socket.io':
      return socketIos(job);
    default:
      return sockets(job);
  }
}

async function sockets({ door, connections }: IdleJob): Promise<() => Promise<IdleResult>> {
  const beats = new Beats();
  const reached = new Set<number>();
  let onReached: () => void = () => undefined;
  await openMany(
    door,
    connections,
    (socket, i) => {
      socket.onClose = closed;
      socket.onMessage = (bytes, start, end) => {
        if (end - start === 1 && bytes[start] === BEAT) beats.heard += 1;
        else reached.add(i);
        onReached();
      };
      socket.send(frame('SUBSCRIBE', { id: '0', destination: TOPIC, ack: 'auto' }));
      beats.keep(socket);
    },
    beats.header,
  );
  const publisher = await StompSocket.open(door);
  return async () => {
    beats.stop();
    publisher.send(frame('SEND', { destination: TOPIC }, 'Is everybody there?'));
    await new Promise<void>((resolve) => {
      onReached = () => {
        if (reached.size === connections) resolve();
      };
    });
    return { beats: beats.heard, reached: reached.size };
  };
}

async function streams({ door, connections }: IdleJob): Promise<() => Promise<IdleResult>> {
  let beats = 0;
  let reached = 0;
  await atOnce(connections, async (i) => {
    const stream = await EventStream.open(door, i);
    stream.onText = () => {
      beats += 1;
    };
    reached += 1;
  });
  return () => Promise.resolve({ beats, reached });
}

/** Each subscribes to the topic, as those of STOMP do. Pings of the server are answered, and not counted. */
async function jsonSockets({ door, connections }: IdleJob): Promise<() => Promise<IdleResult>> {
  const { credentials, url } = door;
  await atOnce(connections, async (i) => {
    const [, token] = credentials[i % credentials.length]?.['Authorization']?.split(' ') ?? [];
    const socket = await WebSocketWire.open(url, {});
    const say = (message: object): void => socket.send(Buffer.from(JSON.stringify(message)));
    say({ action: 'authenticate', token });
    await new Promise<void>((resolve) => {
      socket.onClose = closed;
      socket.onMessage = (bytes, start, end) => {
        const { type } = JSON.parse(bytes.toString('utf8', start, end)) as { type: string };
        if (type === 'authenticated') say({ action: 'subscribe', event_type: TOPIC });
        else if (type === 'subscribed') resolve();
        else closed(type);
      };
    });
  });
  return () => Promise.resolve({ beats: 0, reached: connections });
}

async function socketIos({ door, connections }: IdleJob): Promise<() => Promise<IdleResult>> {
  const sockets: SocketIoSocket[] = [];
  await atOnce(connections, async (i) => {
    const socket = await SocketIoSocket.open(door, i);
    socket.onClose = closed;
    sockets.push(socket);
  });
  return () =>
    Promise.resolve({
      beats: sockets.reduce((sum, { pings }) => sum + pings, 0),
      reached: sockets.length,
    });
}

function closed(reason: string): never {
  throw new Error(`An idle connection was closed: ${reason}`);
}
