import assert from 'node:assert/strict';
import { everyVersion, only12, since11, type Clause } from '../clause.js';
import { connectHeaders } from '../lab.js';

/** Heart-beating. */
export const heartBeating: readonly Clause[] = [
  {
    id: 'heart-beat-default',
    section: 'Heart-beating',
    level: 'MUST',
    versions: everyVersion,
    rule: 'A missing heart-beat header is "0,0": neither side has to beat.',
    needs: 'clock',
    check: async (lab) => {
      const client = await lab.connect();

      lab.clock.pass(10 * 60_000);

      assert.equal(client.beats, 0);
      assert.equal(client.isClosed, false);
    },
  },
  {
    id: 'heart-beat-zero',
    section: 'Heart-beating',
    level: 'MUST',
    versions: since11,
    rule: 'If one side says 0 there are none in that direction, whatever the other can do.',
    needs: 'clock',
    check: async (lab) => {
      const listener = await lab.connect('ada', { headers: { 'heart-beat': '0,4000' } });
      const talker = await lab.connect('bob', { headers: { 'heart-beat': '4000,0' } });

      lab.clock.pass(7_000);

      assert.ok(listener.beats > 0);
      assert.equal(listener.isClosed, false);
      assert.equal(talker.beats, 0);
    },
  },
  {
    id: 'heart-beat-sent',
    section: 'Heart-beating',
    level: 'MUST',
    versions: since11,
    rule: 'The sender MUST send new data at least every MAX(<sx>,<cy>) ms: an end-of-line if it has no frame to send.',
    needs: 'clock',
    check: async (lab) => {
      const client = await lab.open();
      client.frame('CONNECT', { ...connectHeaders(lab.version), 'heart-beat': '0,3000' });
      const sx = Number((await client.next()).headers.get('heart-beat')?.split(',')[0]);
      const everyMs = Math.max(sx, 3_000);

      for (let beats = 1; beats <= 10; beats++) {
        lab.clock.pass(everyMs);
        assert.ok(client.beats >= beats, `${client.beats} beats in ${beats} intervals`);
      }
    },
  },
  {
    id: 'heart-beat-frames-count',
    section: 'Heart-beating',
    level: 'MUST',
    versions: since11,
    rule: 'Any new data is an indication that the remote end is alive: beats are due after the last frame, and never later than promised.',
    needs: 'clock',
    check: async (lab) => {
      const client = await lab.connect('ada', { headers: { 'heart-beat': '0,2000' } });
      for (let i = 0; i < 5; i++) {
        lab.clock.pass(1_700);
        await client.done('SEND', { destination: '/topic/a' });
      }
      assert.equal(client.beats, 0);

      lab.clock.pass(2_000);

      assert.equal(client.beats, 1);
    },
  },
  {
    id: 'heart-beat-arrives',
    section: 'Heart-beating',
    level: 'MUST',
    versions: since11,
    rule: 'A beat reaches the client as one end-of-line between frames, over every transport.',
    limits: { heartbeatMinMs: 20 },
    check: async (lab) => {
      const client = await lab.connect('ada', { headers: { 'heart-beat': '0,20' } });
      lab.letTimePass(20);

      await client.beat();

      await client.done('SEND', { destination: '/topic/a' });
    },
  },
  {
    id: 'heart-beat-missing',
    section: 'Heart-beating',
    level: 'MAY',
    versions: since11,
    rule: 'Who sends nothing in his interval MAY be considered dead: he gets heartbeat_timeout, after a margin of another interval.',
    needs: 'clock',
    check: async (lab) => {
      const client = await lab.connect('ada', { headers: { 'heart-beat': '5000,0' } });

      lab.clock.pass(9_999);
      assert.equal(client.isClosed, false);
      lab.clock.pass(1);

      await client.refused('heartbeat_timeout');
    },
  },
  {
    id: 'heart-beat-heard',
    section: 'Heart-beating',
    level: 'MUST',
    versions: since11,
    rule: 'Line ends, frames and parts of frames are all new data that keeps a connection alive.',
    needs: 'clock',
    check: async (lab) => {
      const client = await lab.connect('ada', { headers: { 'heart-beat': '5000,0' } });
      const octets = [
        '\n',
        'SEND\n',
        'destination:/topic/a\n',
        '\nhello',
        '\0',
        lab.version === '1.2' ? '\r\n' : '\n',
      ];

      for (const octet of [...octets, ...octets]) {
        lab.clock.pass(5_500);
        client.raw(octet);
      }

      await client.done('SEND', { destination: '/topic/a' });
    },
  },
  {
    id: 'heart-beat-negotiated',
    section: 'Heart-beating',
    level: 'MUST',
    versions: only12,
    rule: "The server's own wish counts: who offers to beat more often than it wants is given its interval, and its margin.",
    needs: 'clock',
    check: async (lab) => {
      const client = await lab.open();
      client.frame('CONNECT', { ...connectHeaders(lab.version), 'heart-beat': '1,1' });
      const answer = await client.next();
      assert.equal(answer.headers.get('heart-beat'), '1000,1000');

      lab.clock.pass(1_999);

      assert.equal(client.isClosed, false);
      assert.ok(client.beats >= 1 && client.beats <= 3, `${client.beats} beats`);
    },
  },
  {
    id: 'heart-beat-malformed',
    section: 'Heart-beating',
    level: 'ours',
    versions: everyVersion,
    rule: 'A heart-beat header that is not two intervals is invalid_header.',
    check: async (lab) => {
      for (const value of ['1000', '1000,', '-1,0', 'a,b', '1.5,0', '1,2,3', '0 0', '99999999999,0']) {
        const client = await lab.open();

        client.frame('CONNECT', { ...connectHeaders(lab.version), 'heart-beat': value });

        await client.refused('invalid_header');
      }
    },
  },
];
