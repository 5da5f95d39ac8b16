import { systemClock } from '../../library/transport/system-clock.js';
import type { Clock } from '../../library/broker/clock.js';
import { framesIn } from './log-fields.js';

/** How often the same trouble is told at most. */
const TOLD_EVERY_MS = 10_000;
/** Kinds of trouble that are remembered; the oldest is forgotten first. */
const KINDS = 200;

/**
 * The same trouble, over and over: a database that is away fails every request, and a stranger may ask for one refusal
 * after another. It is told at once, then once in a while with how often it was.
 */
export class Repetitions {
  readonly #kinds = new Map<string, { toldAt: number; untold: number }>();

  constructor(private readonly clock: Clock = systemClock) {}

  /**
   * What is the same: words that are ours, and where an error comes from; not what it says, for that may be anybody's.
   * @returns how often it happened since it was told the last time; 0: it isn't to be told now
   */
  count(...about: readonly unknown[]): number {
    const kind = about.map(signature).join('\n');
    const now = this.clock.monotonic();
    const seen = this.#kinds.get(kind);
    if (seen && now - seen.toldAt < TOLD_EVERY_MS) {
      seen.untold += 1;
      return 0;
    }
    this.#kinds.delete(kind);
    if (this.#kinds.size >= KINDS) this.#forgetOldest();
    this.#kinds.set(kind, { toldAt: now, untold: 0 });
    return (seen?.untold ?? 0) + 1;
  }

  #forgetOldest(): void {
    for (const kind of this.#kinds.keys()) {
      this.#kinds.delete(kind);
      return;
    }
  }
}

function signature(about: unknown): string {
  if (!(about instanceof Error)) return typeof about === 'string' ? about : '';
  const { code } = about as { readonly code?: unknown };
  const [where = ''] = framesIn(about.stack);
  return `${about.name} ${String(code)} ${where} ${signature(about.cause)}`;
}
