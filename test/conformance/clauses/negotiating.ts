import assert from 'node:assert/strict';
import { everyVersion, only10, only11, only12, type Clause } from '../clause.js';

/** Protocol Negotiation. */
export const negotiating: readonly Clause[] = [
  {
    id: 'negotiation-default',
    section: 'Protocol Negotiation',
    level: 'MUST',
    versions: only10,
    rule: 'If the accept-version header is missing, the client only supports version 1.0.',
    check: async (lab) => {
      for (const command of ['CONNECT', 'STOMP']) {
        const client = await lab.open();

        client.frame(command, { login: 'ada', passcode: 'x' });

        assert.equal((await client.next()).headers.get('version'), '1.0');
      }
    },
  },
  {
    id: 'negotiation-highest',
    section: 'Protocol Negotiation',
    level: 'MUST',
    versions: only11,
    rule: 'The protocol is the highest version that both have in common: of "1.0,1.1,2.0" it is 1.1.',
    check: async (lab) => {
      const client = await lab.open();

      client.frame('CONNECT', { 'accept-version': '1.0,1.1,2.0', host: 'h', login: 'ada' });

      assert.equal((await client.next()).headers.get('version'), '1.1');
    },
  },
  {
    id: 'negotiation-order',
    section: 'Protocol Negotiation',
    level: 'SHOULD',
    versions: only12,
    rule: 'The list is a set: its order, spaces in it, and versions that nobody knows make no difference.',
    check: async (lab) => {
      for (const list of ['1.2,1.1,1.0', '1.0, 1.1, 1.2', '0.9,1.2,7', '1.2']) {
        const client = await lab.open();

        client.frame('CONNECT', { 'accept-version': list, host: 'h', login: 'ada' });

        assert.equal((await client.next()).headers.get('version'), '1.2', list);
      }
    },
  },
  {
    id: 'negotiation-none',
    section: 'Protocol Negotiation',
    level: 'MUST',
    versions: everyVersion,
    rule: 'Without a common version the server answers with an ERROR that lists its versions in the header version, then closes.',
    check: async (lab) => {
      for (const list of ['2.0', '', '1', '1.2.0', 'v12.stomp']) {
        const client = await lab.open();

        client.raw(`CONNECT\naccept-version:${list}\nlogin:ada\n\n\0`);

        const error = await client.refused('unsupported_version');
        assert.equal(error.headers.get('version'), '1.0,1.1,1.2', list);
        assert.match(error.body.toString(), /1\.0, 1\.1, 1\.2/);
      }
    },
  },
];
