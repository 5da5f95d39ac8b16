import { frame, framesIn, StompSocket } from '../stomp-socket.js';
import { SocketIoSocket } from '../socket-io-socket.js';
import type { Door } from '../target.js';
import { EventStream } from '../wires/event-stream.js';
import { WebSocketWire } from '../wires/web-socket.js';
import { HttpCaller } from './http-caller.js';
import { atOnce } from './open-many.js';
import { quiet } from './quiet.js';
import { begins } from './said.js';

export interface AlertsForManyJob {
  /** Of HTTP. */
  readonly url: string;
  /** An operator's. */
  readonly token: string;
  readonly userIds: readonly number[];
  /** Of these users, in their order; nobody is connected unless given. */
  readonly door?: Door;
  readonly seconds: number;
}

export interface AlertsForManyResult {
  /** Notifications that were stored. */
  readonly posted: number;
  readonly deliveries: number;
}

const WARM_UP_SECONDS = 1;
const NOTIFICATION = Buffer.from('42["notification"');
const EVENT = 'event: notification\n';

/** Each of the users gets a notification, all of them in one batch; the next batch comes when all have arrived. */
export async function prepare(job: AlertsForManyJob): Promise<() => Promise<AlertsForManyResult>> {
  const { url, token, userIds, door } = job;
  let deliveries = 0;
  let onDelivery: () => void = () => undefined;
  const arrived = (count: number): void => {
    deliveries += count;
    if (count > 0) onDelivery();
  };
  if (door) await atOnce(userIds.length, (i) => listen(door, i, arrived));
  const caller = await HttpCaller.open(url, token);
  const items = userIds.map((userId) => ({
    userId,
    message: 'Please bring your insurance card',
    type: 'bench',
  }));
  const batch = JSON.stringify({ items });

  const run = async (seconds: number): Promise<AlertsForManyResult> => {
    deliveries = 0;
    let posted = 0;
    for (const end = performance.now() + seconds * 1_000; performance.now() < end;) {
      const status = await caller.post('/api/notifications/batch', batch);
      if (status !== 201) throw new Error(`The batch was answered ${status}`);
      posted += userIds.length;
      if (!door) continue;
      const expected = posted;
      await new Promise<void>((resolve) => {
        onDelivery = () => {
          if (deliveries >= expected) resolve();
        };
        onDelivery();
      });
    }
    // Nothing comes twice.
    if (door) await quiet(() => deliveries, 300);
    return { posted, deliveries };
  };
  await run(WARM_UP_SECONDS);
  return () => run(job.seconds);
}

/** One user who follows the own inbox. @param arrived is told of each notification */
async function listen(door: Door, i: number, arrived: (count: number) => void): Promise<void> {
  switch (door.transport) {
    case 'event-stream': {
      const stream = await EventStream.open(door, i);
      let tail = '';
      stream.onText = (text) => {
        const all = tail + text;
        arrived(all.split(EVENT).length - 1);
        // What may be the beginning of one.
        tail = all.slice(Math.max(all.lastIndexOf(EVENT) + EVENT.length, all.length - EVENT.length + 1));
      };
      return;
    }
    case 'json':
      return listenInJson(door, i, arrived);
    case 'socket.io': {
      const socket = await SocketIoSocket.open(door, i);
      socket.onClose = closed;
      socket.onPacket = (bytes, start, end) => arrived(begins(NOTIFICATION, bytes, start, end) ? 1 : 0);
      return;
    }
    default:
      return listenInStomp(door, i, arrived);
  }
}

async function listenInStomp(door: Door, i: number, arrived: (count: number) => void): Promise<void> {
  const socket = await StompSocket.open(door, i);
  socket.onClose = closed;
  await new Promise<void>((resolve) => {
    socket.onMessage = () => {
      socket.onMessage = (bytes, start, end) => arrived(framesIn(bytes, start, end));
      resolve();
    };
    socket.send(frame('SUBSCRIBE', { id: '0', destination: '/user/queue/notifications', receipt: '0' }));
  });
}

async function listenInJson(
  { url, credentials }: Door,
  i: number,
  arrived: (count: number) => void,
): Promise<void> {
  const [, token] = credentials[i % credentials.length]?.['Authorization']?.split(' ') ?? [];
  // Not in the upgrade's header: what the server then says by itself may come before anybody listens.
  const socket = await WebSocketWire.open(url, {});
  socket.onClose = closed;
  await new Promise<void>((resolve) => {
    socket.onMessage = (bytes, start, end) => {
      const { type } = JSON.parse(bytes.toString('utf8', start, end)) as { type: string };
      if (type === 'authenticated')
        return socket.send(Buffer.from(JSON.stringify({ action: 'subscribe', event_type: '*' })));
      if (type !== 'subscribed') return closed(type);
      socket.onMessage = () => arrived(1);
      resolve();
    };
    socket.send(Buffer.from(JSON.stringify({ action: 'authenticate', token })));
  });
}

function closed(reason: string): never {
  throw new Error(`In the middle of the load: ${reason}`);
}
