import { WebSocket } from 'ws';
import type { OpenStream, WireRow, WireVerdict } from './stream.js';

/** What a JSON socket says, as far as a reader looks. */
interface Said {
  readonly type: string;
  readonly code?: string;
  readonly cursor?: string;
  readonly data?: unknown;
  readonly notification?: WireRow;
}

/** A JSON socket at `/notifications`: the inbox as all its types, or a conversation as a topic. */
export const jsonSocket: OpenStream = ({ port, token, since, destination, listener }) => {
  let isOver = false;
  let end: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const close = (): void => {
    isOver = true;
    socket.terminate();
    end();
  };

  const socket = new WebSocket(`ws://127.0.0.1:${port}/notifications`);
  const say = (message: object): void => socket.send(JSON.stringify(message));
  const take = ({ type, code = 'without a code', cursor = '', data, notification }: Said): void => {
    switch (type) {
      case 'authenticated':
        return say({ action: 'subscribe', event_type: isInbox(destination) ? '*' : destination, since });
      case 'resume':
        return listener.resumed(data as WireVerdict, cursor);
      case 'error':
        return listener.refused(code);
      case 'subscribed':
      case 'gap':
        return;
      default:
        listener.row(notification ?? (data as WireRow));
    }
  };
  socket.on('open', () => say({ action: 'authenticate', token }));
  socket.on('message', (text: Buffer) => {
    if (isOver) return;
    try {
      take(JSON.parse(text.toString()) as Said);
    } catch (error) {
      listener.garbled(error);
      close();
    }
  });
  socket.on('error', () => undefined);
  socket.on('close', close);
  return { ended, close };
};

function isInbox(destination: string): boolean {
  return destination.startsWith('/user/');
}
