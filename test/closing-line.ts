import type { SerializedError } from 'vitest';
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';

/**
 * Ends a run with the plain line `N passed, N failed, N skipped`, after the reason of each skip.
 * Counted as failed, each once: a file that doesn't load, an error outside of tests, a run without tests, and a skip
 * that doesn't say why, by `context.skip(reason)` or by a title such as `in Chromium (not installed)`.
 */
export default class ClosingLine implements Reporter {
  private filtered = false;

  onInit(vitest: Vitest): void {
    // `-t` skips what wasn't asked for: no reason is owed.
    this.filtered = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const skipped = tests.filter((test) => test.result().state === 'skipped');
    const unexplained = this.filtered ? [] : skipped.filter((test) => reasonOf(test) === undefined);

    const passed = tests.filter((test) => test.result().state === 'passed').length;
    const failed =
      tests.filter((test) => test.result().state === 'failed').length +
      modules.filter(isBroken).length +
      unhandled.length +
      unexplained.length +
      (tests.length === 0 && modules.length === 0 ? 1 : 0);

    const lines = [
      ...(this.filtered
        ? []
        : skipped.map((test) => `skipped: ${test.fullName}: ${reasonOf(test) ?? 'NO REASON GIVEN'}`)),
      `${passed} passed, ${failed} failed, ${skipped.length - unexplained.length} skipped`,
    ];
    // Other reporters and vitest itself still have something to say; what is written at exit comes last.
    process.once('exit', () => {
      process.stdout.write(`${lines.join('\n')}\n`);
      if (failed > 0) process.exitCode = 1;
    });
  }
}

/** Its tests, or a suite's hooks, could not run: that failure belongs to no test. */
function isBroken(module: TestModule): boolean {
  return (
    module.errors().length > 0 || [...module.children.allSuites()].some((suite) => suite.errors().length > 0)
  );
}

function reasonOf(test: TestCase): string | undefined {
  const result = test.result();
  if (result.state === 'skipped' && result.note) return result.note;
  return /\(([^()]+)\)/.exec(test.fullName)?.[1];
}
