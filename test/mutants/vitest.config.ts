import { defineConfig } from 'vitest/config';

/** The fast tests of the library's rooms, for `npm run mutants`: no process is started and killed, no other server asked. */
export default defineConfig({
  test: {
    environment: 'node',
    include: ['src/library/**/*.test.ts'],
    exclude: ['**/crash.test.ts', '**/migrate.test.ts', '**/claim.test.ts', '**/plans.test.ts'],
    // A mutant that makes a test wait for what never comes is killed by this.
    testTimeout: 5_000,
    hookTimeout: 10_000,
    reporters: [],
  },
});
