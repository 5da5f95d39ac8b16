/** What is mutated, and the tests that have to notice: a room's own, which take seconds. */
export interface Room {
  /** A folder or a file. */
  readonly path: string;
  readonly tests: string;
}

export const rooms: readonly Room[] = [
  room('stomp', 'stomp/*.test.ts'),
  room('broker', 'broker/*.test.ts'),
  room('session', 'session/*.test.ts'),
  room('shares.ts', 'shares.test.ts'),
  room('transport/outbox.ts', 'transport/outbox.test.ts'),
  room('store/sqlite-lane.ts', 'store/*.test.ts'),
  room('store/postgres-lane.ts', 'store/*.test.ts'),
  room('inbox/numbering.ts', 'inbox/*.test.ts'),
  room('inbox/insert.ts', 'inbox/*.test.ts'),
];

export function isMutated(file: string): boolean {
  return !file.endsWith('.test.ts') && rooms.some(({ path }) => file === path || file.startsWith(`${path}/`));
}

function room(path: string, tests: string): Room {
  return { path: `src/library/${path}`, tests: `src/library/${tests}` };
}
