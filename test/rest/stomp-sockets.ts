import { connect } from 'node:net';
import type { IStompSocket } from '@stomp/stompjs';
import SockJS from 'sockjs-client';
import { WebSocket } from 'ws';
import { StompEndpoints } from '../../src/library/nest/stomp-endpoints.js';
import type { Clinic } from './clinic.js';

/** Opens a socket for the stock client; the clinic has STOMP_TCP_PORT=0. */
export type OpenSocket = (clinic: Clinic) => IStompSocket;

export const webSocket: OpenSocket = ({ url }) =>
  new WebSocket(`${url.replace('http', 'ws')}/stomp`, ['v12.stomp']);

export const sockJs: OpenSocket = ({ url }) =>
  new SockJS(`${url}/ws`, undefined, { transports: ['websocket'] });

export const xhrStreaming: OpenSocket = ({ url }) =>
  new SockJS(`${url}/ws`, undefined, { transports: ['xhr-streaming'] });

export const tcp: OpenSocket = ({ application }) => {
  const port = application.get(StompEndpoints).tcpPort;
  if (port === undefined) throw new Error('STOMP_TCP_PORT is not set');
  const raw = connect(port, '127.0.0.1');
  const socket: IStompSocket & { readyState: number } = {
    url: `tcp://127.0.0.1:${port}`,
    readyState: WebSocket.CONNECTING,
    onopen: null,
    onmessage: null,
    onclose: null,
    onerror: null,
    send: (data) => void raw.write(data as string),
    close: () => void raw.end(),
  };
  raw.setEncoding('utf8');
  raw.on('connect', () => {
    socket.readyState = WebSocket.OPEN;
    socket.onopen?.();
  });
  raw.on('data', (data) => void socket.onmessage?.({ data }));
  raw.on('error', (error) => void socket.onerror?.(error));
  raw.on('close', () => {
    socket.readyState = WebSocket.CLOSED;
    socket.onclose?.({ code: 1000, reason: '', wasClean: true });
  });
  return socket;
};
