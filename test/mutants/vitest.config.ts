import { defineConfig } from 'vitest/config';

/**
 * The fast tests of the library's rooms, for `npm run mutants`: no process is started and killed, no other server asked, and
 * neither memory nor time is measured.
 */
export default defineConfig({
  test: {
    environment: 'node',
    include: ['src/library/**/*.test.ts', 'test/conformance/in-process.test.ts'],
    exclude: ['**/{crash,migrate,claim,plans,decoder-memory}.test.ts'],
    setupFiles: ['test/mutants/setup.ts'],
    // One thread for all files: to start one for each of them takes longer than the tests of a mutant.
    isolate: false,
    // Generous, as everywhere: a mutant that makes a test wait for ever is ended by Stryker before.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: [],
  },
});
