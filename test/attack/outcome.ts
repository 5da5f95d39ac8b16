import type { Holdings, Sighting } from './attacked-node.js';
import type { Spoils } from './job.js';
import type { Scenario } from './scenario.js';
import type { Harm } from './victim.js';

/** One scenario, before, during and after. */
export interface Outcome {
  readonly scenario: Scenario;
  readonly quiet: Harm;
  readonly during: Harm;
  readonly before: Holdings;
  readonly peak: Sighting;
  readonly after: Holdings;
  readonly spoils: Spoils;
  readonly hasEnded: boolean;
}
