import { Client } from '@stomp/stompjs';
import { WebSocket } from 'ws';
import { acknowledgementOf } from './stomp.js';
import { tell, type OpenStream } from './stream.js';

/** The stock client, which most who write to us use. */
export const stompJs: OpenStream = ({ port, token, since, destination, random, listener }) => {
  const acknowledgement = acknowledgementOf(random);
  let isOver = false;
  let end: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const close = (): void => {
    if (isOver) return;
    isOver = true;
    void client.deactivate({ force: true });
    end();
  };

  const client = new Client({
    webSocketFactory: () => new WebSocket(`ws://127.0.0.1:${port}/stomp`, ['v12.stomp', 'v11.stomp']),
    connectHeaders: { Authorization: `Bearer ${token}` },
    reconnectDelay: 0,
    onConnect: () => {
      client.subscribe(
        destination,
        (message) => {
          if (isOver) return;
          const { body, headers } = message;
          tell(listener, headers['event-type'], headers['cursor'] ?? '', body);
          if (acknowledgement.settle(headers['ack']) !== undefined && client.connected) message.ack();
        },
        { since, ...acknowledgement.headers },
      );
    },
    onStompError: ({ headers }) => listener.refused(headers['code'] ?? 'without a code'),
    onWebSocketClose: close,
  });
  client.activate();
  return { ended, close };
};
