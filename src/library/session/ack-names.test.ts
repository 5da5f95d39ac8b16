import { describe, expect, it } from 'vitest';
import { AckNames } from './ack-names.js';

describe('what an ACK calls a message', () => {
  it('is its id, for the first subscription that holds it', () => {
    const names = new AckNames();

    expect(names.give('q-7', 3)).toBe('q-7');
    expect(names.resolve('q-7')).toEqual({ holder: 3, messageId: 'q-7' });
  });

  it('says which subscription is meant, for the others', () => {
    const names = new AckNames();
    names.give('a-1', 3);

    const name = names.give('a-1', 12);

    expect(name).not.toBe('a-1');
    expect(names.resolve(name)).toEqual({ holder: 12, messageId: 'a-1' });
    names.free('a-1', 3);
    expect(names.resolve(name)).toEqual({ holder: 12, messageId: 'a-1' });
  });

  it('is its id again, for the next who holds it', () => {
    const names = new AckNames();
    names.give('q-7', 3);
    names.free('q-7', 3);

    expect(names.give('q-7', 12)).toBe('q-7');
    expect(names.resolve('q-7')).toEqual({ holder: 12, messageId: 'q-7' });
  });

  it('stays the first one’s, whatever the others free', () => {
    const names = new AckNames();
    names.give('a-1', 3);
    names.give('a-1', 12);
    names.free('a-1', 12);

    expect(names.resolve('a-1')).toEqual({ holder: 3, messageId: 'a-1' });
  });

  it.each(['', '/', '7/', '/a-1', '-1/a-1', '1e3/a-1', ' 1/a-1', `${'9'.repeat(400)}/a-1`, 'a-1'])(
    'is nothing of what was never given, such as %j',
    (ack) => {
      expect(new AckNames().resolve(ack)).toBeUndefined();
    },
  );
});
