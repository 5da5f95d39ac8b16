import type { SerializedError } from 'vitest';
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';

/**
 * Ends a run with the plain line `N passed, N failed, N skipped`, after the reasons of skips, what passed at
 * its second try only (`RETRY=1`), and what has failed.
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
    const failures = [
      ...tests.filter((test) => test.result().state === 'failed').map(failureOf),
      ...modules
        .filter(isBroken)
        .map((module) => `${module.relativeModuleId}: it, or a hook of it, could not run`),
      ...unhandled.map(({ message }) => `outside of tests: ${firstLineOf(message)}`),
      ...unexplained.map((test) => `${placeOf(test)}: skipped without a reason`),
      ...(tests.length === 0 && modules.length === 0 ? ['no test was found'] : []),
    ];

    const lines = [
      ...(this.filtered ? [] : reasonsOf(skipped.filter((test) => !unexplained.includes(test)))),
      ...tests.filter((test) => test.diagnostic()?.flaky).map((test) => `flaky: ${failureOf(test)}`),
      ...failures.map((failure) => `failed: ${failure}`),
      `${passed} passed, ${failures.length} failed, ${skipped.length - unexplained.length} skipped`,
    ];
    // Other reporters and vitest itself still have something to say; what is written at exit comes last.
    process.once('exit', () => {
      process.stdout.write(`${lines.join('\n')}\n`);
      if (failures.length > 0) process.exitCode = 1;
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

/** A line for each reason, however many tests it is the reason of. */
function reasonsOf(skipped: readonly TestCase[]): readonly string[] {
  return [...new Set(skipped.map(reasonOf))].map((reason) => {
    const [first, ...more] = skipped.filter((test) => reasonOf(test) === reason);
    const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
    return `skipped: ${first?.fullName}${others}: ${reason}`;
  });
}

function failureOf(test: TestCase): string {
  const [error] = test.result().errors ?? [];
  return `${placeOf(test)}: ${firstLineOf(error?.message ?? '')}`;
}

function placeOf(test: TestCase): string {
  return `${test.module.relativeModuleId} > ${test.fullName}`;
}

function firstLineOf(message: string): string {
  return message.split('\n', 1)[0]?.slice(0, 200) ?? '';
}
