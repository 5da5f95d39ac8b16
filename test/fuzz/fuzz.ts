import { fuzzDecoder } from './fuzz-decoder.js';
import { fuzzSession } from './fuzz-session.js';
import { Random } from './random.js';

/** What a round may take before it counts as a hang. */
const HANG_MS = 5_000;
/** What may be left over of all rounds: the heap breathes by far less. */
const LEFT_OVER_BYTES = 150 * 1024 * 1024;

/**
 * Runs rounds until the time is over; each has its own seed, and can be run again alone with it.
 * @returns how many rounds there were
 * @throws {Error} that names the seed of the round that failed
 */
export async function fuzz(seed: number, seconds: number): Promise<number> {
  const end = Date.now() + seconds * 1_000;
  const heapBefore = process.memoryUsage().heapUsed;
  let rounds = 0;
  do {
    await round(seed + rounds);
    rounds++;
  } while (Date.now() < end);
  const heapGrowth = process.memoryUsage().heapUsed - heapBefore;
  if (heapGrowth > LEFT_OVER_BYTES) throw new Error(`${rounds} rounds left ${heapGrowth} bytes in the heap`);
  return rounds;
}

async function round(seed: number): Promise<void> {
  const started = Date.now();
  try {
    for (let i = 0; i < 20; i++) fuzzDecoder(new Random(seed * 20 + i));
    await fuzzSession(new Random(seed));
  } catch (error) {
    throw new Error(`npm run fuzz -- --seed ${seed} --seconds 0 fails`, { cause: error });
  }
  if (Date.now() - started > HANG_MS)
    throw new Error(`The round of seed ${seed} took ${Date.now() - started} ms`);
}
