import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.js';

/** `npm run fuzz -- --seconds 60 --seed 1`: mutated conversations, until the time is over or one does harm. */
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } },
});
const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed);
console.log(`seed ${seed}, ${values.seconds} s`);
console.log(`${await fuzz(seed, Number(values.seconds))} rounds, no harm done`);
