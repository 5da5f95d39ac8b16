import assert from 'node:assert/strict';
import { versions } from '../../src/library/stomp/version.js';
import { Client } from '../conformance/client.js';
import { Lab } from '../conformance/lab.js';
import { memory } from '../conformance/peers/memory.js';
import { conversation } from './conversation.js';
import { cutUp, mutated } from './mutation.js';
import type { Random } from './random.js';

const limits = { headers: 30, bodyBytes: 5_000, transactionBytes: 20_000, queueMessages: 50, unsettled: 20 };

/**
 * One round: several clients talk nonsense to one server at the same time, and one of each version listens to it all.
 * Every frame that the server sends is read by the letter; a listener gets no ERROR, and is still served at the end.
 */
export async function fuzzSession(random: Random): Promise<void> {
  const node = await memory.start(limits);
  const lab = new Lab(node, '1.2');
  const listeners = [];
  for (const version of versions) {
    const listener = await lab.connect(`listener-${version}`, { version });
    listeners.push(await listener.subscribe('all', '/topic/**'));
  }

  const clients = [];
  for (let i = 0; i < 4; i++) {
    const version = random.oneOf([...versions]);
    const frames = conversation(version, random);
    const isSane = random.once(4);
    const bytes = isSane
      ? Buffer.concat(frames)
      : Buffer.concat(frames.map((frame) => mutated(frame, random)));
    clients.push({ client: await lab.open(version), pieces: cutUp(bytes, random) });
  }
  while (clients.some(({ pieces }) => pieces.length > 0)) {
    for (const { client, pieces } of clients) {
      for (let i = random.below(5); i >= 0; i--) client.raw(pieces.shift() ?? '');
    }
    if (random.once(3)) await new Promise(setImmediate);
    if (random.once(20)) lab.letTimePass(random.below(6_000));
  }
  await settled();
  for (const { client } of clients) {
    client.verify();
    client.cut();
  }
  await settled();

  for (const listener of listeners) await serves(listener, '/topic/the.end');
  for (const queue of ['/queue/a', '/queue/b']) {
    const consumer = await lab.connect('consumer');
    await serves(await consumer.subscribe('all', queue), queue);
  }
  lab.leave();
  await settled();
  // What is left would be left for ever.
  assert.equal(node.server.registry.count, 0);
  assert.equal(lab.clock.pending, 0);
  const foreign = node.faults().filter((fault) => !/Cannot reach|took longer/.test(String(fault)));
  assert.deepEqual(foreign, []);
}

/** A listener has heard MESSAGEs only, and hears what is sent now: no connection that is gone takes it away. */
async function serves(listener: Client, destination: string): Promise<void> {
  listener.send(destination, 'the end');
  for (;;) {
    const { body, headers } = await listener.message();
    assert.equal(headers.get('subscription'), 'all');
    if (body.toString() === 'the end') return;
  }
}

/** Promises of the session and of its application have come to their ends. */
async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise(setImmediate);
}
