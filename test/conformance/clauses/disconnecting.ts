import { everyVersion, type Clause } from '../clause.js';

/** DISCONNECT, and connections that end without one. */
export const disconnecting: readonly Clause[] = [
  {
    id: 'disconnect-receipt',
    section: 'DISCONNECT',
    level: 'MUST',
    versions: everyVersion,
    rule: 'DISCONNECT with a receipt is answered with its RECEIPT, after those of all frames before it, and then the server closes.',
    check: async (lab) => {
      const client = await lab.connect();

      client.send('/queue/a', '', { receipt: '1' }).send('/app/slow', '', { receipt: '2' });
      client.frame('DISCONNECT', { receipt: '77' });

      for (const id of ['1', '2', '77']) await client.receipt(id);
      await client.ended(1000);
    },
  },
  {
    id: 'disconnect-no-receipt',
    section: 'DISCONNECT',
    level: 'MUST',
    versions: everyVersion,
    rule: 'Without a receipt it is a close without a word, and no ERROR.',
    check: async (lab) => {
      const client = await lab.connect();

      client.frame('DISCONNECT');

      await client.ended(1000);
    },
  },
  {
    id: 'disconnect-nothing-after',
    section: 'DISCONNECT',
    level: 'MUST',
    versions: everyVersion,
    rule: 'Clients MUST NOT send any more frames after the DISCONNECT: none is accepted, and none is answered.',
    check: async (lab) => {
      const reader = await lab.connect('bob');
      await reader.subscribe('1', '/topic/a');
      const client = await lab.connect();

      // What is stored takes its time, so that DISCONNECT waits, and what follows it comes before the close.
      client.send('/queue/a', '', { receipt: 'stored' }).frame('DISCONNECT', { receipt: 'bye' });
      client.send('/topic/a', 'late', { receipt: 'late' }).raw('\0\0');

      await client.receipt('stored');
      await client.receipt('bye');
      await client.ended(1000);
      await reader.nothingMore();
    },
  },
  {
    id: 'disconnect-no-delivery',
    section: 'DISCONNECT',
    level: 'MUST',
    versions: everyVersion,
    rule: 'Who has disconnected is delivered nothing more, and holds nothing: his messages go to another.',
    check: async (lab) => {
      const [client, other] = [await lab.connect('ada'), await lab.connect('bob')];
      await client.subscribe('1', '/topic/a');
      await client.subscribe('2', '/queue/a', { ack: 'client' });
      await other.done('SEND', { destination: '/queue/a' }, 'hello');
      await client.message('hello');

      client.frame('DISCONNECT', { receipt: 'bye' });
      await client.receipt('bye');
      await client.ended(1000);
      await other.subscribe('1', '/queue/a');
      other.send('/topic/a', 'nobody');

      await other.message('hello');
      await other.nothingMore();
    },
  },
  {
    id: 'disconnect-by-closing',
    section: 'DISCONNECT',
    level: 'MUST',
    versions: everyVersion,
    rule: 'A client can disconnect anytime by closing the socket, in the middle of a frame too; others notice nothing.',
    check: async (lab) => {
      const reader = await lab.connect('bob');
      await reader.subscribe('1', '/topic/a');
      for (const start of ['', 'S', 'SEND\ndest', 'SEND\ndestination:/topic/a\n\nhal']) {
        const client = await lab.connect();
        await client.subscribe('1', '/topic/a');
        client.raw(start).cut();
      }

      reader.send('/topic/a', 'hello');

      await reader.message('hello');
      await reader.nothingMore();
    },
  },
];
