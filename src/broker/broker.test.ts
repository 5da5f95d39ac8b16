import { describe, expect, it } from 'vitest';
import { MemoryNode } from '../testing/memory-node.js';
import type { Audience } from './message.js';

describe('a message', () => {
  it.each<[string, Audience | undefined, string[]]>([
    ['all', undefined, ['ada', 'bob', 'none', 'pattern of ada']],
    ['one session', { only: 'ada' }, ['ada', 'pattern of ada']],
    ['all but one', { except: 'ada' }, ['bob', 'none']],
  ])('reaches %s', (_, audience, expected) => {
    const { broker } = new MemoryNode();
    const got: string[] = [];
    const subscriber = (name: string, sessionId?: string) => ({
      ...(sessionId !== undefined && { sessionId }),
      deliver: () => void got.push(name),
      hasRoom: () => true,
      onRoom: () => {},
    });
    broker.subscribe('/topic/x', subscriber('ada', 'ada'));
    broker.subscribe('/topic/x', subscriber('bob', 'bob'));
    broker.subscribe('/topic/x', subscriber('none'));
    broker.subscribe('/topic/*', subscriber('pattern of ada', 'ada'));

    broker.publish({
      address: '/topic/x',
      headers: new Map(),
      body: Buffer.of(),
      ...(audience && { audience }),
    });

    expect(got).toEqual(expected);
  });
});
