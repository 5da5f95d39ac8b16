import { availableParallelism } from 'node:os';

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'client/**/*.test.ts'],
    // Tests start servers and kill them; a process for each file keeps one's handles from another's.
    pool: 'forks',
    // A file waits more than it computes: three on two cores keep them two thirds busy, and two took half as long again.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    // Generous: a test waits for events, and starting a server takes seconds where all cores are busy.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    // On a machine that others share: what passes at its second try only is named `flaky` at the end.
    retry: Number(process.env['RETRY'] ?? 0),
    reporters: ['default', './test/closing-line.ts'],
  },
});
