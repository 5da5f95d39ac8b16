import { describe, expect, it } from 'vitest';
import type { ClosingCode } from '../errors.js';
import { limitsWith } from '../limits.js';
import { FakeClock } from '../testing/fake-clock.js';
import { SessionRegistry, type OpenConnection } from './registry.js';

describe('the connections of one user', () => {
  it.each([
    [false, 'At most 2 connections of one user are open at a time; close another one first.'],
    [true, 'At most 1 event streams of one user are open at a time; close another one first.'],
  ])('have a limit, streams (%s) apart from what can say something', (isStream, message) => {
    const { registry, open } = start();
    open('ada', false);
    open('ada', true);
    open('ada', false);
    open('bob', isStream);

    expect(() => open('ada', isStream)).toThrow(message);
    expect(registry.count).toBe(4);
  });

  it('free their places when they are over, each once', () => {
    const { registry, open } = start();
    const stream = open('ada', true);
    const session = open('ada', false);
    open('ada', false);

    registry.delete(stream);
    registry.delete(stream);
    registry.delete(session);

    expect(registry.count).toBe(1);
    open('ada', true);
    open('ada', false);
    expect(() => open('ada', true)).toThrow('event streams');
    expect(() => open('ada', false)).toThrow('connections');
  });

  it('have one share, which counts them and goes with the last', () => {
    const { registry, open } = start();
    const [first, second] = [open('ada', false), open('ada', false)];
    const share = registry.shareOf('ada');
    expect(share).toBe(first.share);
    expect(share.connections).toBe(2);

    registry.delete(first);
    expect(registry.shareOf('ada')).toBe(share);
    expect(share.connections).toBe(1);
    registry.delete(second);

    expect(share.connections).toBe(0);
    expect(registry.shareOf('ada')).not.toBe(share);
  });

  it('are listed for a user, or of everybody', () => {
    const { registry, open } = start();
    const [ada, bob] = [open('ada', false), open('bob', false)];

    expect(registry.connections('ada')).toEqual([ada]);
    expect(registry.connections('eve')).toEqual([]);
    expect(registry.connections()).toEqual([ada, bob]);
  });

  it('that isn’t there any more, of a user who is not, is nobody’s', () => {
    const { registry, open } = start();
    const gone = open('ada', false);
    registry.delete(gone);

    registry.delete(gone);

    expect(registry.count).toBe(0);
  });
});

describe('a node that goes away', () => {
  it('ends its connections one after another, evenly in its time, and takes no more', async () => {
    const { registry, open, clock, ended } = start();
    ['ada', 'bob', 'eve', 'joe'].forEach((name) => open(name, false));

    const drained = registry.drain(1_000);
    expect(() => open('zoe', false)).toThrow('This node is going away; connect again.');
    clock.pass(1_000);
    await drained;

    expect(ended).toEqual([
      ['ada', 'server_drain', 0],
      ['bob', 'server_drain', 250],
      ['eve', 'server_drain', 500],
      ['joe', 'server_drain', 750],
    ]);
  });
});

/** A registry of two connections and one stream for each user. */
function start(): {
  registry: SessionRegistry;
  open: (name: string, isStream: boolean) => OpenConnection;
  clock: FakeClock;
  ended: [name: string, code: ClosingCode, atMs: number][];
} {
  const clock = new FakeClock();
  const registry = new SessionRegistry(limitsWith({ connectionsPerUser: 2, streamsPerUser: 1 }), clock);
  const ended: [string, ClosingCode, number][] = [];
  const open = (name: string, isStream: boolean): OpenConnection => {
    const connection: OpenConnection = {
      id: name,
      user: { name, roles: [] },
      transport: 'memory',
      share: registry.shareOf(name),
      ...(isStream && { isStream }),
      terminate: (code) => ended.push([name, code, clock.monotonic()]),
    };
    registry.add(connection);
    return connection;
  };
  return { registry, open, clock, ended };
}
