import * as fc from 'fast-check';

// A mutant is looked at hundreds of times: with the same examples each time, few of them, and the first that fails is enough.
fc.configureGlobal({ numRuns: 100, seed: 1, endOnFailure: true });
