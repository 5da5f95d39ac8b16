import { createStore, type Readable } from '../state/store.js';
import { say } from '../words/words.js';

/** A sentence for a screen reader. */
export interface Said {
  readonly id: number;
  readonly text: string;
  readonly politeness: 'polite' | 'assertive';
}

const gatherMs = 250;
const keepMs = 10_000;
/** More than this at once is noise. */
const maxAtOnce = 3;

/** What the two live regions hold. Sentences that come together are said together, a burst as a number. */
export class Announcer {
  readonly #said = createStore<readonly Said[]>([]);
  #waiting: Omit<Said, 'id'>[] = [];
  #lastId = 0;

  get said(): Readable<readonly Said[]> {
    return this.#said;
  }

  say(text: string, politeness: Said['politeness']): void {
    if (this.#waiting.length === 0) setTimeout(() => this.#flush(), gatherMs);
    this.#waiting.push({ text, politeness });
  }

  #flush(): void {
    const said = condense(this.#waiting).map((sentence) => ({ ...sentence, id: ++this.#lastId }));
    this.#waiting = [];
    this.#said.update((before) => [...before, ...said]);
    // Long read by then; the region must not grow, and taking away is not announced.
    setTimeout(() => this.#said.update((all) => all.filter((sentence) => !said.includes(sentence))), keepMs);
  }
}

/** Urgent ones are said one by one up to the limit; the rest becomes "20 updates". */
export function condense(waiting: readonly Omit<Said, 'id'>[]): readonly Omit<Said, 'id'>[] {
  if (waiting.length <= maxAtOnce) return waiting;
  const urgent = waiting.filter(({ politeness }) => politeness === 'assertive').slice(0, maxAtOnce);
  return [
    ...urgent,
    { text: say('toasts.updates', { count: waiting.length - urgent.length }), politeness: 'polite' },
  ];
}
