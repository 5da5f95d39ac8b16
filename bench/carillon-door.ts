import type { Door, Headers, Transport } from './target.js';

/** @param url `http://127.0.0.1:8080` */
export function doorOf(url: string, transport: Transport): Pick<Door, 'transport' | 'url'> {
  const addresses: Record<Transport, string> = {
    websocket: `${url.replace('http', 'ws')}/stomp`,
    'sockjs-websocket': `${url.replace('http', 'ws')}/ws`,
    'event-stream': `${url}/api/notifications/stream`,
    json: `${url.replace('http', 'ws')}/notifications`,
    'socket.io': `${url.replace('http', 'ws')}/socket.io/`,
  };
  return { transport, url: addresses[transport] };
}

/** As a header of CONNECT, or of HTTP. */
export function bearer(token: string): Headers {
  return { Authorization: `Bearer ${token}` };
}
