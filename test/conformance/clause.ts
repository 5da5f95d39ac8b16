import type { Limits } from '../../src/library/limits.js';
import type { Version } from '../../src/library/stomp/version.js';
import type { Lab } from './lab.js';
import type { Need } from './transport.js';

/** RFC 2119's words as the specification uses them; `ours` where it says nothing and Carillon decided. */
export type Level = 'MUST' | 'SHOULD' | 'MAY' | 'ours';

/** One rule of STOMP as a server has to obey it, and how to see that it does. */
export interface Clause {
  /** Stable and unique: docs/conformance.md and whoever reports a fault name it so. */
  readonly id: string;
  /** The part of the specification that says so. */
  readonly section: string;
  readonly level: Level;
  /** The versions that it is a rule of; it is checked with each. */
  readonly versions: readonly Version[];
  /** Quoted or paraphrased, in one sentence. */
  readonly rule: string;
  /** What its check can't do without. */
  readonly needs?: Need;
  /** Limits of the server that it is checked on, where the defaults would take long or much. */
  readonly limits?: Partial<Limits>;
  /** The check makes the server fail, and that is logged as a fault. */
  readonly expectsFaults?: true;
  /** Rejects unless the server obeys. */
  readonly check: (lab: Lab) => Promise<void>;
}

export const everyVersion: readonly Version[] = ['1.0', '1.1', '1.2'];
export const since11: readonly Version[] = ['1.1', '1.2'];
export const only10: readonly Version[] = ['1.0'];
export const only11: readonly Version[] = ['1.1'];
export const only12: readonly Version[] = ['1.2'];
