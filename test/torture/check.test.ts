import { describe, expect, it } from 'vitest';
import { check } from './check.js';
import type { FaultKind } from './faults.js';
import type {
  Delivery,
  Hearing,
  History,
  Put,
  QueueHistory,
  Reading,
  Row,
  Sighting,
  TopicSighting,
  Write,
} from './history.js';

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
      kind: 'foreign',
      when: 'a reader saw what was written to another user',
      history: historyOf({
        writes: [write('a'), write('b', { users: ['another'], answer: 'unanswered' })],
        inbox: [row(1, 'a')],
        sightings: [seen(1, 'b')],
      }),
    },
    {
      kind: 'reset',
      when: 'a reader with a cursor of the server is told to reload',
      history: historyOf({
        writes: [write('a')],
        inbox: [row(1, 'a')],
        sightings: [seen(1, 'a'), { kind: 'reset', seq: 1, isDue: false, why: 'ahead' }],
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

describe('the checker of topics', () => {
  it('finds nothing where everybody heard everything that was sent after they came', () => {
    const history = topicsOf({ sentAt: [1, 20, 30], sightings: [heard(2), heard(3)] });

    expect(check(history)).toEqual([]);
  });

  it('lets those miss something who are told so, and those who leave before they could be', () => {
    const told = topicsOf({ sentAt: [11, 20, 30], sightings: [heard(1), heard(3), { kind: 'gap', at: 40 }] });
    const gone = topicsOf({
      ...{ sentAt: [11, 20, 30], sightings: [heard(1), heard(3)] },
      ...{ hasStayed: false, endedAt: 31 },
    });

    expect([...check(told), ...check(gone)]).toEqual([]);
  });

  it.each<{ kind: FaultKind; when: string; history: History }>([
    {
      kind: 'lost',
      when: 'a message is left out',
      history: topicsOf({ sentAt: [11, 20, 30], sightings: [heard(1), heard(3)] }),
    },
    {
      kind: 'lost',
      when: 'the first one after the RECEIPT is left out',
      history: topicsOf({ sentAt: [11, 20], sightings: [heard(2)] }),
    },
    {
      kind: 'lost',
      when: 'the last ones don’t come to who stayed',
      history: topicsOf({ sentAt: [11, 20], sightings: [heard(1)] }),
    },
    {
      kind: 'lost',
      when: 'a gap is told long after it was seen',
      history: topicsOf({
        sentAt: [11, 20, 30],
        sightings: [heard(1), heard(3), { kind: 'gap', at: 6_000 }],
      }),
    },
    {
      kind: 'lost',
      when: 'a gap was told before the message that is left out',
      history: topicsOf({
        sentAt: [11, 20, 30],
        sightings: [{ kind: 'gap', at: 12 }, heard(1), heard(3)],
      }),
    },
    {
      kind: 'phantom',
      when: 'nobody published it',
      history: topicsOf({ sentAt: [11], sightings: [heard(1), heard(2)] }),
    },
    {
      kind: 'duplicated',
      when: 'a message comes again',
      history: topicsOf({ sentAt: [11, 20], sightings: [heard(1), heard(2), heard(1)] }),
    },
    {
      kind: 'reordered',
      when: 'an earlier message comes later, even if a gap was told',
      history: topicsOf({
        sentAt: [11, 20],
        sightings: [{ kind: 'gap', at: 12 }, heard(2), heard(1)],
      }),
    },
    {
      kind: 'foreign',
      when: 'it is of another topic',
      history: topicsOf({ sentAt: [11], sightings: [heard(1, '/topic/other')], address: '/topic/other' }),
    },
  ])('finds $kind, and nothing else, where $when', ({ kind, history }) => {
    expect(check(history)).toEqual([{ kind, what: expect.any(String) as string }]);
  });
});

describe('the checker of queues', () => {
  it('lets what had no RECEIPT come or not, and what says so come again', () => {
    const history = queuesOf({
      puts: [put(1), put(2, { isAcknowledged: false }), put(3, { isAcknowledged: false })],
      // A connection that stood still brings the first delivery after the second.
      deliveries: [had(1, { isRedelivered: true }), had(3), had(1)],
    });

    expect(check(history)).toEqual([]);
  });

  it('lets come again what a node had handed over that was alone and crashed', () => {
    const story = { puts: [put(1)], deliveries: [had(1), had(1, { since: 30 })] };

    expect(check(queuesOf({ ...story, crashes: [20] }))).toEqual([]);
    expect(check(queuesOf({ ...story, crashes: [5, 40] }))).toMatchObject([{ kind: 'duplicated' }]);
  });

  it('asks for no order of several consumers, nor of what came before the only one', () => {
    const several = queuesOf({ puts: [put(1), put(2)], deliveries: [had(2), had(1)] });
    const before = queuesOf({
      puts: [put(1, { at: 1 }), put(2)],
      deliveries: [had(2, { isAlone: true }), had(1, { isAlone: true })],
    });

    expect([...check(several), ...check(before)]).toEqual([]);
  });

  it.each<{ kind: FaultKind; when: string; history: History }>([
    {
      kind: 'lost',
      when: 'nobody had what got a RECEIPT',
      history: queuesOf({ puts: [put(1), put(2)], deliveries: [had(1)] }),
    },
    { kind: 'phantom', when: 'nobody put it', history: queuesOf({ puts: [], deliveries: [had(1)] }) },
    {
      kind: 'foreign',
      when: 'it was put into another queue',
      history: queuesOf({ puts: [put(1, { queue: '/queue/other' })], deliveries: [had(1)] }),
    },
    {
      kind: 'duplicated',
      when: 'two had it for the first time',
      history: queuesOf({ puts: [put(1)], deliveries: [had(1), had(1, { consumer: 'another' })] }),
    },
    {
      kind: 'reordered',
      when: 'the only consumer had it after a later one',
      history: queuesOf({
        puts: [put(1), put(2)],
        deliveries: [had(2, { isAlone: true }), had(1, { isAlone: true })],
      }),
    },
  ])('finds $kind, and nothing else, where $when', ({ kind, history }) => {
    expect(check(history)).toEqual([{ kind, what: expect.any(String) as string }]);
  });
});

const user = 'patient@example.org';

/** Nobody published, and nobody put anything into a queue. */
const silence: Pick<History, 'topics' | 'queues'> = {
  topics: { publishings: [], hearings: [] },
  queues: { puts: [], deliveries: [], crashes: [] },
};

const nothing: History = { writes: [], inboxes: new Map(), readings: [], ...silence };

interface TopicStory extends Partial<Pick<Hearing, 'endedAt' | 'hasStayed'>> {
  readonly sentAt: number[];
  readonly sightings: TopicSighting[];
  readonly address?: string;
}

/** One publisher, and one who subscribed at 10. */
function topicsOf({ sentAt, sightings, address = TOPIC, ...ending }: TopicStory): History {
  const publishing = { publisher: 'publisher', address, sentAt, isWhole: true };
  const stayed = { endedAt: Infinity, hasStayed: true };
  const hearing = {
    subscriber: 'subscriber',
    destination: TOPIC,
    since: 10,
    sightings,
    ...stayed,
    ...ending,
  };
  return { ...nothing, topics: { publishings: [publishing], hearings: [hearing] } };
}

const TOPIC = '/topic/heard';

function heard(number: number, address = TOPIC): TopicSighting {
  return { kind: 'message', at: number * 10, address, publisher: 'publisher', number };
}

function queuesOf(queues: Omit<QueueHistory, 'crashes'> & Partial<QueueHistory>): History {
  return { ...nothing, queues: { crashes: [], ...queues } };
}

const QUEUE = '/queue/had';

function put(number: number, more: Partial<Put> = {}): Put {
  return { queue: QUEUE, producer: 'producer', number, at: 20, isAcknowledged: true, ...more };
}

/** By a consumer who came at 10. */
function had(number: number, more: Partial<Delivery> = {}): Delivery {
  const where = { queue: QUEUE, producer: 'producer', consumer: 'consumer', since: 10 };
  return { ...where, number, isRedelivered: false, isAlone: false, ...more };
}

interface Story {
  readonly writes: readonly Write[];
  readonly inbox: readonly Row[];
  readonly sightings: readonly Sighting[];
  readonly hasStayed?: boolean;
}

/** One user with one reader. */
function historyOf({ writes, inbox, sightings, hasStayed = true }: Story): History {
  const reading: Reading = { reader: 'reader', user, from: 0, sightings, hasStayed };
  return { writes, inboxes: new Map([[user, inbox]]), readings: [reading], ...silence };
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
  return { kind: 'reset', seq, isDue: true, why: 'ahead' };
}

function reload(...rows: readonly Row[]): Sighting {
  return { kind: 'reload', rows };
}
