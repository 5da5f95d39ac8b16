import * as fc from 'fast-check';

/** How often a property is tried: `usual` times, unless a run configures a number for all of them (the fuzzer more, the mutants fewer). */
export function runs(usual: number): { readonly numRuns: number } {
  return { numRuns: fc.readConfigureGlobal().numRuns ?? usual };
}
