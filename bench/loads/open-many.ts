import { StompSocket } from '../stomp-socket.js';
import type { Door } from '../target.js';

/** Handshakes that are under way at once. */
const AT_ONCE = 50;

/** Opens connections, a few at a time; `opened` is called for each as it is there. */
export function openMany(
  door: Door,
  count: number,
  opened: (socket: StompSocket, i: number) => void,
  heartBeat?: string,
): Promise<void> {
  return atOnce(count, async (i) => opened(await StompSocket.open(door, i, heartBeat), i));
}

/** Does something so many times, a few at once. */
export async function atOnce(count: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const inTurn = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) await work(i);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, inTurn));
}
