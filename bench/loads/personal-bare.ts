import { once } from 'node:events';
import { WebSocket, WebSocketServer } from 'ws';
import { sendToRandom, type PersonalJob, type PersonalResult } from './personal.js';

const CONNECTED = 'CONNECTED\nversion:1.2\nheart-beat:0,0\n\n\0';
const RECEIPT = 'RECEIPT\nreceipt-id:0\n\n\0';

/** The floor: who sends has a socket for each user, and no more. */
export async function prepare(job: PersonalJob): Promise<() => Promise<PersonalResult>> {
  const sockets: WebSocket[] = [];
  const server = new WebSocketServer({ port: job.port, host: '127.0.0.1', perMessageDeflate: false });
  server.on('connection', (socket) => {
    socket.on('message', (frame: Buffer) => {
      socket.send(frame.includes('CONNECT\n') ? CONNECTED : RECEIPT);
    });
    sockets.push(socket);
  });
  await once(server, 'listening');
  return () => sendToRandom(job, (user, body) => sockets[user]?.send(message(body)));
}

/** What Carillon sends. */
function message(body: string): string {
  return (
    'MESSAGE\nsubscription:0\nmessage-id:aaaaaaaa-0000000\ndestination:/user/queue/bench\n' +
    `content-type:text/plain;charset=UTF-8\ncontent-length:${body.length}\n\n${body}\0`
  );
}
