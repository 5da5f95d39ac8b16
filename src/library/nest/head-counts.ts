import { randomBytes } from 'node:crypto';
import type { OnModuleDestroy } from '@nestjs/common';
import type { Clock, Timer } from '../broker/clock.js';
import type { NodeMessages } from '../broker/node-messages.js';
import type { Subscription } from '../broker/subscriber.js';
import type { Limits } from '../limits.js';

/** What a node says of itself: counts that changed, or all. */
interface Word {
  readonly node: string;
  readonly counts?: Readonly<Record<string, number>>;
  /** These are all that it has. */
  readonly isAll?: boolean;
  /** Which node is asked for all that it has; `everybody`: each of them. */
  readonly ask?: string;
}

interface OtherNode {
  counts: Map<string, number>;
  heardAt: number;
}

const SUBJECT = 'rooms';
/** Changes are told together, so often at most. */
const TELL_MS = 100;
const EVERYBODY = 'everybody';

/**
 * How many of the others' clients are subscribed to each topic that is counted. Nodes tell each other what changed; who has
 * something to count says at each beat that it lives. A node that is silent for `nodeDeadMs` counts no more, and is asked
 * for all that it has when it is heard again.
 */
export class HeadCounts implements OnModuleDestroy {
  readonly #node = randomBytes(6).toString('base64url');
  readonly #others = new Map<string, OtherNode>();
  readonly #own = new Map<string, number>();
  readonly #changed = new Set<string>();
  #listening: Subscription | undefined;
  #telling: Timer | undefined;
  #beat: Timer | undefined;
  #isOver = false;

  constructor(
    private readonly nodeMessages: Pick<NodeMessages, 'tell' | 'listen'>,
    private readonly clock: Clock,
    private readonly limits: Pick<Limits, 'nodeBeatMs' | 'nodeDeadMs'>,
  ) {}

  open(): void {
    this.#listening = this.nodeMessages.listen(
      SUBJECT,
      (content) => {
        if (isWord(content)) this.#hear(content);
      },
      () => this.#tell({ ask: EVERYBODY }),
    );
    this.#tell({ ask: EVERYBODY });
    this.#keepBeating();
  }

  /** The others needn't wait until it is dead. Nothing is told after this. */
  onModuleDestroy(): void {
    this.#tell({ counts: {}, isAll: true });
    this.#isOver = true;
    this.#beat?.cancel();
    this.#telling?.cancel();
    this.#listening?.close();
  }

  /** How many there are on this node now. */
  set(topic: string, count: number): void {
    if (count > 0) this.#own.set(topic, count);
    else this.#own.delete(topic);
    if (this.#isOver) return;
    this.#changed.add(topic);
    this.#telling ??= this.clock.after(TELL_MS, () => {
      this.#telling = undefined;
      const counts = [...this.#changed].map((one) => [one, this.#own.get(one) ?? 0] as const);
      this.#changed.clear();
      this.#tell({ counts: Object.fromEntries(counts) });
    });
  }

  /** On the other nodes, as last heard. */
  elsewhere(topic: string): number {
    let sum = 0;
    for (const [node, { counts, heardAt }] of this.#others) {
      if (this.clock.monotonic() - heardAt > this.limits.nodeDeadMs) this.#others.delete(node);
      else sum += counts.get(topic) ?? 0;
    }
    return sum;
  }

  #hear({ node, counts, isAll = false, ask }: Word): void {
    if (ask === this.#node || ask === EVERYBODY)
      this.#tell({ counts: Object.fromEntries(this.#own), isAll: true });
    const known = this.#others.get(node);
    // It may have said more when nobody here heard it.
    if (!known && !isAll && ask === undefined) return this.#tell({ ask: node });
    if (ask !== undefined && !known) return;
    const other = known ?? { counts: new Map<string, number>(), heardAt: 0 };
    other.heardAt = this.clock.monotonic();
    if (isAll) other.counts = new Map();
    for (const [topic, count] of Object.entries(counts ?? {})) {
      if (count > 0) other.counts.set(topic, count);
      else other.counts.delete(topic);
    }
    this.#others.set(node, other);
  }

  #tell(word: Omit<Word, 'node'>): void {
    this.nodeMessages.tell(SUBJECT, { node: this.#node, ...word } satisfies Word);
  }

  #keepBeating(): void {
    this.#beat = this.clock.after(this.limits.nodeBeatMs, () => {
      if (this.#own.size > 0) this.#tell({});
      this.#keepBeating();
    });
  }
}

function isWord(content: unknown): content is Word {
  if (typeof content !== 'object' || content === null) return false;
  const { node, counts = {}, ask } = content as Partial<Record<keyof Word, unknown>>;
  if (typeof node !== 'string' || (ask !== undefined && typeof ask !== 'string')) return false;
  if (typeof counts !== 'object' || counts === null) return false;
  return Object.values(counts).every((count) => Number.isSafeInteger(count));
}
