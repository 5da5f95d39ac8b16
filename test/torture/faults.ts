export const faultKinds = ['lost', 'phantom', 'duplicated', 'reordered', 'gap', 'foreign', 'reset'] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** Where and which, for people. */
  readonly what: string;
}

/** What a checker has found so far. */
export class Faults {
  readonly found: Fault[] = [];

  add(kind: FaultKind, what: string): void {
    this.found.push({ kind, what });
  }
}
