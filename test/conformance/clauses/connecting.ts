import assert from 'node:assert/strict';
import { clientFrame } from '../client-frame.js';
import { everyVersion, only10, only12, since11, type Clause } from '../clause.js';
import { connectHeaders } from '../lab.js';

/** CONNECT, STOMP, CONNECTED, and what may not come before or after them. */
export const connecting: readonly Clause[] = [
  {
    id: 'connect',
    section: 'Connecting',
    level: 'MUST',
    versions: everyVersion,
    rule: 'If the server accepts the connection attempt it responds with a CONNECTED frame.',
    check: async (lab) => {
      const client = await lab.open();

      client.frame('CONNECT', connectHeaders(lab.version));

      assert.equal((await client.next()).command, 'CONNECTED');
    },
  },
  {
    id: 'connect-stomp-frame',
    section: 'CONNECT or STOMP Frame',
    level: 'MUST',
    versions: everyVersion,
    rule: 'Servers MUST handle a STOMP frame in the same manner as a CONNECT frame.',
    check: async (lab) => {
      const client = await lab.open();

      client.frame('STOMP', connectHeaders(lab.version));

      const answer = await client.next();
      assert.equal(answer.command, 'CONNECTED');
      assert.equal(answer.headers.get('version'), lab.version);
    },
  },
  {
    id: 'connect-first',
    section: 'Connecting',
    level: 'ours',
    versions: everyVersion,
    rule: 'A client initiates the connection with CONNECT: any other first frame is answered with not_connected.',
    check: async (lab) => {
      const client = await lab.open();

      client.send('/topic/a', 'hello', { receipt: 'r' });

      await client.refused('not_connected', 'r');
    },
  },
  {
    id: 'connect-once',
    section: 'Connecting',
    level: 'ours',
    versions: everyVersion,
    rule: 'A second CONNECT or STOMP is answered with already_connected.',
    check: async (lab) => {
      for (const command of ['CONNECT', 'STOMP']) {
        const client = await lab.connect();

        client.frame(command, connectHeaders(lab.version));

        await client.refused('already_connected');
      }
    },
  },
  {
    id: 'connect-pipelined',
    section: 'Connecting',
    level: 'ours',
    versions: everyVersion,
    rule: 'Frames that follow CONNECT in the same piece are handled after it, by the version that it agreed on.',
    check: async (lab) => {
      const client = await lab.open();
      const subscribe = { id: '1', destination: '/topic/a', receipt: 'on: \\top' };

      client.raw(
        Buffer.concat([
          clientFrame(lab.version, 'CONNECT', connectHeaders(lab.version)),
          clientFrame(lab.version, 'SUBSCRIBE', subscribe),
          clientFrame(lab.version, 'SEND', { destination: '/topic/a' }, 'hello'),
        ]),
      );

      assert.equal((await client.next()).command, 'CONNECTED');
      await client.receipt('on: \\top');
      await client.message('hello');
    },
  },
  {
    id: 'connect-host',
    section: 'CONNECT or STOMP Frame, host',
    level: 'MAY',
    versions: everyVersion,
    rule: 'Servers MAY select a default virtual host: any host is accepted, and none too, since stock clients send none.',
    check: async (lab) => {
      for (const host of [undefined, 'elsewhere.example', '/']) {
        const client = await lab.open();
        const { host: _, ...headers } = connectHeaders(lab.version);

        client.frame('CONNECT', { ...headers, ...(host !== undefined && { host }) });

        assert.equal((await client.next()).command, 'CONNECTED');
      }
    },
  },
  {
    id: 'connect-padding-1.0',
    section: 'STOMP 1.0, CONNECT',
    level: 'MUST',
    versions: only10,
    rule: 'Header values of 1.0 are trimmed, as its own examples are written.',
    check: async (lab) => {
      const client = await lab.open();

      client.raw('CONNECT\nlogin: ada \npasscode:\tx\n\n\0');

      assert.equal((await client.next()).headers.get('user-name'), 'ada');
    },
  },
  {
    id: 'connect-no-padding',
    section: 'Value Encoding',
    level: 'MUST',
    versions: since11,
    rule: 'Servers MUST never trim or pad headers with spaces, those of CONNECT neither.',
    check: async (lab) => {
      const client = await lab.open();

      client.frame('CONNECT', { ...connectHeaders(lab.version), login: ' ada ' });

      assert.equal((await client.next()).headers.get('user-name'), ' ada ');
    },
  },
  {
    id: 'connect-unescaped',
    section: 'Value Encoding',
    level: 'MUST',
    versions: everyVersion,
    rule: 'CONNECT and CONNECTED frames do not escape, in order to remain backward compatible with 1.0.',
    check: async (lab) => {
      for (const command of ['CONNECT', 'STOMP']) {
        const client = await lab.open();

        client.frame(command, { ...connectHeaders(lab.version), login: 'a\\cb\\n:c\\' });

        assert.equal((await client.next()).headers.get('user-name'), 'a\\cb\\n:c\\');
      }
    },
  },
  {
    id: 'connect-crlf',
    section: 'Augmented BNF',
    level: 'MUST',
    versions: only12,
    rule: 'EOL = [CR] LF holds for the first frame too, before any version is agreed on.',
    check: async (lab) => {
      const client = await lab.open();

      client.raw('CONNECT\r\naccept-version:1.2\r\nhost:h\r\nlogin:ada\r\n\r\n\0\r\n');

      assert.equal((await client.next()).headers.get('user-name'), 'ada');
    },
  },
  {
    id: 'connect-leading-eols',
    section: 'Augmented BNF',
    level: 'ours',
    versions: everyVersion,
    rule: 'Line ends before the first frame are skipped.',
    check: async (lab) => {
      const client = await lab.open();

      client.raw('\n\r\n\n').frame('CONNECT', connectHeaders(lab.version));

      assert.equal((await client.next()).command, 'CONNECTED');
    },
  },
  {
    id: 'connect-repeated-header',
    section: 'Repeated Header Entries',
    level: 'SHOULD',
    versions: everyVersion,
    rule: 'Only the first of repeated headers is used, so that nobody logs in under two names.',
    check: async (lab) => {
      const client = await lab.open();

      client.frame('CONNECT', [...Object.entries(connectHeaders(lab.version)), ['login', 'bob']]);

      assert.equal((await client.next()).headers.get('user-name'), 'ada');
    },
  },
  {
    id: 'connect-rejected',
    section: 'Connecting',
    level: 'SHOULD',
    versions: everyVersion,
    rule: 'A rejected connection attempt gets an ERROR explaining why, and then the close.',
    check: async (lab) => {
      const client = await lab.open();

      client.frame('CONNECT', connectHeaders(lab.version, 'mallory'));

      await client.refused('auth_failed');
    },
  },
  {
    id: 'connect-credentials',
    section: 'CONNECT or STOMP Frame, login and passcode',
    level: 'MAY',
    versions: everyVersion,
    rule: 'login and passcode, or a bearer token in Authorization, say who connects; without them nobody is let in.',
    check: async (lab) => {
      const { login: _, passcode: __, ...nobody } = connectHeaders(lab.version);
      const stranger = await lab.open();
      stranger.frame('CONNECT', { ...nobody, heartbeat: '0,0' });
      await stranger.refused('auth_failed');

      for (const name of ['Authorization', 'authorization']) {
        const client = await lab.open();
        client.frame('CONNECT', { ...nobody, [name]: 'Bearer ada' });
        assert.equal((await client.next()).headers.get('user-name'), 'ada');
      }
    },
  },
  {
    id: 'connect-no-receipt',
    section: 'Standard Headers, receipt',
    level: 'MUST',
    versions: everyVersion,
    rule: 'Any client frame other than CONNECT may ask for a receipt: CONNECT gets none.',
    check: async (lab) => {
      const client = await lab.connect('ada', { headers: { receipt: 'r' } });

      await client.nothingMore();

      const refused = await lab.open();
      refused.frame('CONNECT', { ...connectHeaders(lab.version, 'mallory'), receipt: 'r' });
      await refused.refused('auth_failed');
    },
  },
  {
    id: 'connect-in-time',
    section: 'Connecting',
    level: 'ours',
    versions: everyVersion,
    rule: 'A connection on which no CONNECT comes is closed with auth_timeout, and not before.',
    needs: 'clock',
    check: async (lab) => {
      const client = await lab.open();

      lab.clock.pass(lab.server.limits.connectMs - 1);
      assert.equal(client.isClosed, false);
      lab.clock.pass(1);

      await client.refused('auth_timeout');
      assert.equal(lab.clock.pending, 0);
    },
  },
  {
    id: 'connected-version',
    section: 'CONNECTED Frame',
    level: 'MUST',
    versions: everyVersion,
    rule: 'CONNECTED carries version: the version of STOMP that the session uses.',
    check: async (lab) => {
      const client = await lab.open();

      client.frame('CONNECT', connectHeaders(lab.version));

      assert.equal((await client.next()).headers.get('version'), lab.version);
    },
  },
  {
    id: 'connected-session',
    section: 'CONNECTED Frame',
    level: 'MAY',
    versions: everyVersion,
    rule: 'session uniquely identifies the session; in 1.0 every CONNECTED has it.',
    check: async (lab) => {
      const sessions = new Set();
      for (let i = 0; i < 3; i++) {
        const client = await lab.open();
        client.frame('CONNECT', connectHeaders(lab.version));
        sessions.add((await client.next()).headers.get('session'));
      }

      assert.equal(sessions.size, 3);
      assert.ok(!sessions.has(undefined));
    },
  },
  {
    id: 'connected-server',
    section: 'CONNECTED Frame',
    level: 'MAY',
    versions: everyVersion,
    rule: 'server = name ["/" version] *(comment), comments delimited by a space.',
    check: async (lab) => {
      const client = await lab.open();
      client.frame('CONNECT', connectHeaders(lab.version));

      const { headers } = await client.next();

      assert.match(headers.get('server') ?? '', /^[^\s/]+(\/[^\s/]+)?( .+)*$/);
    },
  },
  {
    id: 'connected-heart-beat',
    section: 'CONNECTED Frame',
    level: 'MAY',
    versions: everyVersion,
    rule: 'heart-beat says what the server can send and what it wants, in ms.',
    check: async (lab) => {
      const client = await lab.open();
      client.frame('CONNECT', { ...connectHeaders(lab.version), 'heart-beat': '5000,0' });

      const { headers } = await client.next();

      assert.match(headers.get('heart-beat') ?? '', /^\d+,\d+$/);
    },
  },
  {
    id: 'connection-lingering',
    section: 'Connection Lingering',
    level: 'MUST',
    versions: everyVersion,
    rule: 'Servers MUST support clients which rapidly connect and disconnect.',
    check: async (lab) => {
      for (let i = 0; i < 20; i++) {
        const graceful = await lab.connect();
        graceful.frame('DISCONNECT', { receipt: 'bye' });
        await graceful.receipt('bye');
        await graceful.ended(1000);
        const rude = await lab.open();
        rude.frame('CONNECT', connectHeaders(lab.version)).cut();
      }

      const last = await lab.connect();
      await last.done('SEND', { destination: '/topic/a' });
    },
  },
];
