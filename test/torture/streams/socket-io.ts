import { io } from 'socket.io-client';
import type { OpenStream, WireRow, WireVerdict } from './stream.js';

/** The stock client of Socket.IO, which polls, or has a WebSocket, or goes from one to the other. It hears the inbox. */
export const socketIo: OpenStream = ({ port, token, since, random, listener }) => {
  let end: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const transports = random.pick([['polling'], ['websocket'], ['polling', 'websocket']]);
  const socket = io(`http://127.0.0.1:${port}`, {
    ...{ transports, auth: { token, since }, reconnection: false, forceNew: true, autoConnect: false },
  });
  let isOver = false;
  const close = (): void => {
    if (isOver) return;
    isOver = true;
    socket.disconnect();
    end();
  };

  socket.on('resume', ({ cursor, ...verdict }: WireVerdict & { cursor: string }) => {
    if (!isOver) listener.resumed(verdict, cursor);
  });
  socket.on('notification', (row: WireRow) => {
    if (!isOver) listener.row(row);
  });
  socket.on('session-ended', ({ code }: { code: string }) => listener.refused(code));
  socket.on('connect_error', (error: Error & { data?: { code?: string } }) => {
    if (error.data?.code !== undefined) listener.refused(error.data.code);
    close();
  });
  socket.on('disconnect', close);
  socket.connect();
  return { ended, close };
};
