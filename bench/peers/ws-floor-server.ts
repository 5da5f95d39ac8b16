import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

// As little STOMP as the load needs to take this for a broker with one topic.
const subscribers = new Set<WebSocket>();
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false }, () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`listens on ws://127.0.0.1:${port}/\n`);
});

/** Those who asked for heart-beats. */
const beating = new Set<WebSocket>();
setInterval(() => {
  for (const socket of beating) socket.send('\n');
}, 10_000).unref();

const CONNECTED = 'CONNECTED\nversion:1.2\nheart-beat:0,0\n\n\0';
const RECEIPT = 'RECEIPT\nreceipt-id:0\n\n\0';
const MESSAGE = Buffer.from('MESSAGE\ndestination:/topic/bench\nmessage-id:1\nsubscription:0\n\n');

server.on('connection', (socket) => {
  socket.on('message', (frame: Buffer) => {
    const isBeat = frame.length === 1;
    if (isBeat) return;
    if (frame.includes('CONNECT\n')) connect(socket, frame);
    else if (frame.includes('SUBSCRIBE\n')) subscribe(socket, frame);
    else publish(frame);
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    subscribers.delete(socket);
    beating.delete(socket);
  });
});

function connect(socket: WebSocket, frame: Buffer): void {
  if (frame.includes('heart-beat:10000')) beating.add(socket);
  socket.send(CONNECTED);
}

function subscribe(socket: WebSocket, frame: Buffer): void {
  subscribers.add(socket);
  if (frame.includes('receipt:')) socket.send(RECEIPT);
}

function publish(send: Buffer): void {
  const message = Buffer.concat([MESSAGE, send.subarray(send.indexOf('\n\n') + 2)]);
  for (const subscriber of subscribers) subscriber.send(message, { binary: false });
}
