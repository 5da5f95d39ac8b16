import { defineConfig } from 'vitest/config';

/** The fast tests of the library's rooms, for `npm run mutants`: no process is started and killed, no other server asked. */
export default defineConfig({
  test: {
    environment: 'node',
    include: ['src/library/**/*.test.ts'],
    exclude: ['**/crash.test.ts', '**/migrate.test.ts', '**/claim.test.ts', '**/plans.test.ts'],
    // Generous, as everywhere: a mutant that makes a test wait for ever is ended by Stryker before.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: [],
  },
});
