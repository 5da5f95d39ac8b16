import type { Random } from '../torture/random.js';

/** What needs nodes of its own, started as they shouldn't be, or beside somebody else's trouble: no victim, no load. */
export interface Trial {
  readonly name: string;
  /** Of docs/hardening.md's headings. */
  readonly kind: number;
  readonly about: string;
  /** @returns what was found wrong, nothing where all is well */
  run(random: Random): Promise<readonly string[]>;
}
