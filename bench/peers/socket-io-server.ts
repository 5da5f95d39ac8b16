import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';

// One conversation, in a room of its in-memory adapter; what is said is kept nowhere.
const server = createServer();
const io = new Server(server, { serveClient: false, perMessageDeflate: false });
let seq = 0;

io.on('connection', (socket) => {
  void socket.join('conversation');
  socket.on('send-message', ({ conversationId, text }: { conversationId: number; text: string }) => {
    seq += 1;
    const message = {
      ...{ id: seq, conversationId, seq, senderId: 1, senderName: 'Bea Bench', text, clientId: null },
      ...{ createdAt: new Date().toISOString(), cursor: `8f2c1d0a9b3e4f56:${seq}`, status: 'sent' },
    };
    io.to('conversation').emit('new-message', { conversationId, message });
  });
});

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`listens on ws://127.0.0.1:${port}\n`);
});
