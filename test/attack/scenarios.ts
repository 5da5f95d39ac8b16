import type { Scenario } from './scenario.js';
import { bodies } from './scenarios/bodies.js';
import { clock } from './scenarios/clock.js';
import { frames } from './scenarios/frames.js';
import { log } from './scenarios/log.js';
import { logins } from './scenarios/logins.js';
import { odd } from './scenarios/odd.js';
import { pipelining } from './scenarios/pipelining.js';
import { rows } from './scenarios/rows.js';
import { sockets } from './scenarios/sockets.js';
import { subscriptions } from './scenarios/subscriptions.js';

/** In the order of their kinds. */
export const scenarios: readonly Scenario[] = [
  pipelining,
  sockets,
  bodies,
  log,
  logins,
  subscriptions,
  frames,
  rows,
  clock,
  odd,
];

export function scenarioNamed(name: string): Scenario {
  const [scenario] = scenariosNamed([name]);
  if (!scenario) throw new RangeError(`There is no scenario ${name}`);
  return scenario;
}

/** @param names of scenarios, or numbers of their kinds @throws {RangeError} where there is none */
export function scenariosNamed(names: readonly string[]): readonly Scenario[] {
  return names.flatMap((wanted) => {
    const found = scenarios.filter(({ name, kind }) => name === wanted || String(kind) === wanted);
    if (found.length > 0) return found;
    throw new RangeError(
      `There is no scenario ${JSON.stringify(wanted)}; there are ${scenarios.map(({ name }) => name).join(', ')}`,
    );
  });
}
