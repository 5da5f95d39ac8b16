import type { Scenario } from './scenario.js';
import { bodies } from './scenarios/bodies.js';
import { clock } from './scenarios/clock.js';
import { conversations } from './scenarios/conversations.js';
import { dialects } from './scenarios/dialects.js';
import { frames } from './scenarios/frames.js';
import { inbox } from './scenarios/inbox.js';
import { log } from './scenarios/log.js';
import { logins } from './scenarios/logins.js';
import { odd } from './scenarios/odd.js';
import { pipelining } from './scenarios/pipelining.js';
import { rows } from './scenarios/rows.js';
import { sockets } from './scenarios/sockets.js';
import { subscriptions } from './scenarios/subscriptions.js';
import type { Trial } from './trial.js';
import { issuer } from './trials/issuer.js';
import { refusedStarts } from './trials/production.js';

/** In the order of their kinds. */
export const scenarios: readonly Scenario[] = [
  pipelining,
  sockets,
  bodies,
  log,
  logins,
  subscriptions,
  frames,
  inbox,
  dialects,
  rows,
  conversations,
  clock,
  odd,
];

export const trials: readonly Trial[] = [issuer, refusedStarts];

/** @throws {RangeError} where there is none */
export function scenarioNamed(wanted: string): Scenario {
  const scenario = scenarios.find(({ name }) => name === wanted);
  if (!scenario) throw new RangeError(`There is no scenario ${wanted}`);
  return scenario;
}

/** @param names of scenarios and trials, or numbers of their kinds @throws {RangeError} where there is none */
export function chosenFrom<T extends Scenario | Trial>(
  all: readonly T[],
  names: readonly string[],
): readonly T[] {
  const known = [...scenarios, ...trials].flatMap(({ name, kind }) => [name, String(kind)]);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new RangeError(`There is no ${JSON.stringify(unknown)}; there are ${known.join(', ')}`);
  return all.filter(({ name, kind }) => names.includes(name) || names.includes(String(kind)));
}
