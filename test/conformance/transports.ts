import { memory, memoryByOctets } from './peers/memory.js';
import { sockJsWebSocket } from './peers/sockjs-websocket.js';
import { xhrPolling, xhrStreaming } from './peers/sockjs-http.js';
import { tcp } from './peers/tcp.js';
import { webSocketBinary, webSocketCut, webSocketJoined, webSocketText } from './peers/websocket.js';
import type { Transport } from './transport.js';

/** Every way in, as docs/conformance.md shows them. */
export const transports: readonly Transport[] = [
  memory,
  memoryByOctets,
  webSocketText,
  webSocketBinary,
  webSocketCut,
  webSocketJoined,
  sockJsWebSocket,
  xhrStreaming,
  xhrPolling,
  tcp,
];
