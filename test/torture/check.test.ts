import { describe, expect, it } from 'vitest';
import { check, type FaultKind } from './check.js';
import type { History, Reading, Row, Sighting, Write } from './history.js';

describe('the checker of a history', () => {
  it('finds nothing where everybody got everything, in order', () => {
    const history = historyOf({
      writes: [write('a'), write('b'), write('c')],
      inbox: [row(1, 'a'), row(2, 'b'), row(3, 'c')],
      sightings: [moved(0), complete(0), seen(1, 'a'), seen(2, 'b'), seen(3, 'c')],
    });

    expect(check(history)).toEqual([]);
  });

  it('lets an unanswered write be there or not', () => {
    const history = historyOf({
      writes: [write('a', { answer: 'unanswered' }), write('b', { answer: 'unanswered' })],
      inbox: [row(1, 'b')],
      sightings: [seen(1, 'b')],
    });

    expect(check(history)).toEqual([]);
  });

  it('lets a reset leave out rows that the reader then loads', () => {
    const history = historyOf({
      writes: [write('a'), write('b'), write('c')],
      inbox: [row(1, 'a'), row(2, 'b'), row(3, 'c')],
      sightings: [moved(2), reset(2), seen(3, 'c'), reload(row(1, 'a'), row(2, 'b'))],
    });

    expect(check(history)).toEqual([]);
  });

  it('asks nothing of a reader who left before the end', () => {
    const history = historyOf({
      writes: [write('a'), write('b')],
      inbox: [row(1, 'a'), row(2, 'b')],
      sightings: [reset(1)],
      hasStayed: false,
    });

    expect(check(history)).toEqual([]);
  });

  it.each<{ kind: FaultKind; when: string; history: History }>([
    {
      kind: 'lost',
      when: 'an acknowledged write is not in the database',
      history: historyOf({
        writes: [write('a'), write('b')],
        inbox: [row(1, 'a')],
        sightings: [seen(1, 'a')],
      }),
    },
    {
      kind: 'lost',
      when: 'a row is another than the answer said',
      history: historyOf({
        writes: [write('a', { row: row(2, 'a') })],
        inbox: [row(1, 'a')],
        sightings: [seen(1, 'a')],
      }),
    },
    {
      kind: 'lost',
      when: 'only one of two was told of a write',
      history: historyOf({
        writes: [write('a', { answer: 'unanswered', users: [user, 'another'] })],
        inbox: [row(1, 'a')],
        sightings: [seen(1, 'a')],
      }),
    },
    {
      kind: 'lost',
      when: 'a reader who stayed never got the last row',
      history: historyOf({
        writes: [write('a'), write('b')],
        inbox: [row(1, 'a'), row(2, 'b')],
        sightings: [seen(1, 'a')],
      }),
    },
    {
      kind: 'phantom',
      when: 'a row is in the database that nobody wrote',
      history: historyOf({ writes: [], inbox: [row(1, 'a')], sightings: [seen(1, 'a')] }),
    },
    {
      kind: 'phantom',
      when: 'a refused write is in the database',
      history: historyOf({
        writes: [write('a', { answer: 'refused' })],
        inbox: [row(1, 'a')],
        sightings: [seen(1, 'a')],
      }),
    },
    {
      kind: 'phantom',
      when: 'a reader saw another row under a number than there is',
      history: historyOf({ writes: [write('a')], inbox: [row(1, 'a')], sightings: [seen(1, 'b')] }),
    },
    {
      kind: 'phantom',
      when: 'a reader saw a number that there isn’t',
      history: historyOf({
        writes: [write('a')],
        inbox: [row(1, 'a')],
        sightings: [seen(1, 'a'), seen(2, 'b')],
      }),
    },
    {
      kind: 'duplicated',
      when: 'one write made two rows',
      history: historyOf({
        writes: [write('a')],
        inbox: [row(1, 'a'), row(2, 'a')],
        sightings: [seen(1, 'a'), seen(2, 'a')],
      }),
    },
    {
      kind: 'duplicated',
      when: 'a reader got a row again',
      history: historyOf({
        writes: [write('a'), write('b')],
        inbox: [row(1, 'a'), row(2, 'b')],
        sightings: [seen(1, 'a'), seen(2, 'b'), complete(2), seen(1, 'a')],
      }),
    },
    {
      kind: 'reordered',
      when: 'a later row came first',
      history: historyOf({
        writes: [write('a'), write('b')],
        inbox: [row(1, 'a'), row(2, 'b')],
        sightings: [seen(2, 'b'), seen(1, 'a')],
      }),
    },
    {
      kind: 'reordered',
      when: 'a write has a lower number than one that was acknowledged before it was sent',
      history: historyOf({
        writes: [write('b', { row: row(2, 'b') }), write('a', { row: row(1, 'a') })],
        inbox: [row(1, 'a'), row(2, 'b')],
        sightings: [seen(1, 'a'), seen(2, 'b')],
      }),
    },
    {
      kind: 'gap',
      when: 'a number is missing in the database',
      history: historyOf({
        writes: [write('a'), write('b')],
        inbox: [row(1, 'a'), row(3, 'b')],
        sightings: [seen(1, 'a'), seen(3, 'b')],
      }),
    },
    {
      kind: 'gap',
      when: 'a reader’s row is left out',
      history: historyOf({
        writes: [write('a'), write('b')],
        inbox: [row(1, 'a'), row(2, 'b')],
        sightings: [seen(2, 'b')],
      }),
    },
    {
      kind: 'gap',
      when: 'a verdict of complete goes on further ahead',
      history: historyOf({
        writes: [write('a'), write('b')],
        inbox: [row(1, 'a'), row(2, 'b')],
        sightings: [complete(1), seen(2, 'b')],
      }),
    },
    {
      kind: 'gap',
      when: 'a cursor moved on, and the connection ended before the reset that would explain it',
      history: historyOf({
        writes: [write('a'), write('b')],
        inbox: [row(1, 'a'), row(2, 'b')],
        sightings: [moved(1), moved(1), complete(1), seen(2, 'b')],
      }),
    },
    {
      kind: 'gap',
      when: 'the list that is loaded after a reset lacks a row',
      history: historyOf({
        writes: [write('a'), write('b')],
        inbox: [row(1, 'a'), row(2, 'b')],
        sightings: [reset(2), reload(row(2, 'b'))],
      }),
    },
  ])('finds $kind, and nothing else, where $when', ({ kind, history }) => {
    expect(check(history)).toEqual([{ kind, what: expect.any(String) as string }]);
  });
});

const user = 'patient@example.org';

interface Story {
  readonly writes: readonly Write[];
  readonly inbox: readonly Row[];
  readonly sightings: readonly Sighting[];
  readonly hasStayed?: boolean;
}

/** One user with one reader. */
function historyOf({ writes, inbox, sightings, hasStayed = true }: Story): History {
  const reading: Reading = { reader: 'reader', user, from: 0, sightings, hasStayed };
  return { writes, inboxes: new Map([[user, inbox]]), readings: [reading] };
}

function write(event: string, more: Partial<Write> = {}): Write {
  return { writer: 'writer', event, users: [user], answer: 'acknowledged', ...more };
}

function row(seq: number, event: string): Row {
  return { seq, id: seq + 100, event };
}

function seen(seq: number, event: string): Sighting {
  return { kind: 'row', row: row(seq, event) };
}

function moved(seq: number): Sighting {
  return { kind: 'moved', seq };
}

function complete(seq: number): Sighting {
  return { kind: 'complete', seq };
}

function reset(seq: number): Sighting {
  return { kind: 'reset', seq };
}

function reload(...rows: readonly Row[]): Sighting {
  return { kind: 'reload', rows };
}
