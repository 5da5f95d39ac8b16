import { StompSocket } from '../stomp-socket.js';
import type { Door } from '../target.js';

/** Handshakes that are under way at once. */
const AT_ONCE = 50;

/** Opens connections, a few at a time; `opened` is called for each as it is there. */
export async function openMany(
  door: Door,
  count: number,
  opened: (socket: StompSocket, i: number) => void,
): Promise<void> {
  let next = 0;
  const openInTurn = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) opened(await StompSocket.open(door), i);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, openInTurn));
}
