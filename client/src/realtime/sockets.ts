import type { IStompSocket } from '@stomp/stompjs';
import type { Transport } from './status.js';
import type { Family } from './transport-choice.js';

export interface Socket {
  readonly stomp: IStompSocket;
  /** Known once it is open. */
  transport(): Transport;
}

const path = '/ws';

/** Opens nothing yet: resolves with a factory, because SockJS is loaded only by those who need it. */
export async function socketFactory(family: Family): Promise<() => Socket> {
  if (family === 'websocket') return openWebSocket;

  // The built file: the package's sources ask for Node's `global`, which a browser hasn't.
  const { default: SockJS } = await import('sockjs-client/dist/sockjs.min.js');
  return () => {
    const socket = new SockJS(path, null, { transports: ['xhr-streaming', 'xhr-polling'] });
    return {
      stomp: socket,
      transport: () => (socket.transport === 'xhr-polling' ? 'xhr-polling' : 'xhr-streaming'),
    };
  };
}

function openWebSocket(): Socket {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const socket = new WebSocket(`${scheme}://${location.host}${path}`, ['v12.stomp', 'v11.stomp']);
  return { stomp: socket, transport: () => 'websocket' };
}

/** Whether the server answers over plain HTTP, where SockJS would begin. */
export async function answersHttp(): Promise<boolean> {
  try {
    const response = await fetch(`${path}/info`, { signal: AbortSignal.timeout(5_000), cache: 'no-store' });
    return response.ok;
  } catch {
    // No answer is the answer.
    return false;
  }
}
