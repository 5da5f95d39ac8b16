/** What is mutated, and the tests that have to notice: a room's own, which take seconds. */
export interface Room {
  /** A folder or a file. */
  readonly path: string;
  readonly tests: readonly string[];
}

const sessions = 'session/*.test.ts';
/** Every clause of STOMP, checked on a session without sockets. */
const clauses = 'test/conformance/in-process.test.ts';
const stores = 'store/{store,sqlite,sqlite-lane,postgres,append-batches}.test.ts';

export const rooms: readonly Room[] = [
  room('stomp', 'stomp/*.test.ts'),
  // What a broker promises to clients is said in the tests of sessions.
  room('broker', 'broker/*.test.ts', sessions),
  room('session', sessions, clauses),
  room('shares.ts', 'shares.test.ts'),
  room('transport/outbox.ts', 'transport/outbox.test.ts'),
  room('store/sqlite-lane.ts', stores),
  room('store/postgres-lane.ts', stores),
  room('store/append-batches.ts', stores),
  room('store/append.ts', 'inbox/inbox.test.ts'),
  room('store/number.ts', 'inbox/inbox.test.ts'),
];

export function isMutated(file: string): boolean {
  return !file.endsWith('.test.ts') && rooms.some(({ path }) => file === path || file.startsWith(`${path}/`));
}

function room(path: string, ...tests: readonly string[]): Room {
  return {
    path: `src/library/${path}`,
    tests: tests.map((name) => (name === clauses ? name : `src/library/${name}`)),
  };
}
