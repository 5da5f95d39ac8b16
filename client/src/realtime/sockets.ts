import type { IStompSocket } from '@stomp/stompjs';
import type { Transport } from './status.js';
import type { Family } from './transport-choice.js';

/** A socket that speaks STOMP, over WebSocket or SockJS. */
export interface Socket {
  readonly stomp: IStompSocket;
  /** Known once it is open. */
  transport(): Transport;
}

/** Opens nothing yet: resolves with a factory, because SockJS is loaded only by those who need it. */
export async function socketFactory(family: Family, url: string): Promise<() => Socket> {
  if (family === 'websocket') return () => openWebSocket(url);

  // The built file: the package's sources ask for Node's `global`, which a browser hasn't.
  const { default: SockJS } = await import('sockjs-client/dist/sockjs.min.js');
  return () => {
    const socket = new SockJS(url, null, { transports: ['xhr-streaming', 'xhr-polling'] });
    return {
      stomp: socket,
      transport: () => (socket.transport === 'xhr-polling' ? 'xhr-polling' : 'xhr-streaming'),
    };
  };
}

function openWebSocket(url: string): Socket {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), ['v12.stomp', 'v11.stomp']);
  return { stomp: socket, transport: () => 'websocket' };
}

/** Whether the server answers over plain HTTP, where SockJS would begin. */
export async function answersHttp(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/info`, { signal: AbortSignal.timeout(5_000), cache: 'no-store' });
    return response.ok;
  } catch {
    // No answer is the answer.
    return false;
  }
}
