/** A text that the server hasn't confirmed. */
export interface Waiting {
  /** By which it is there once, however often it is sent. */
  readonly clientId: string;
  readonly conversationId: number;
  readonly text: string;
  /** Why the server doesn't take it; null while it waits. */
  readonly refusal: string | null;
}

/** Texts that wait for the server, in the order in which they were written. They outlive a reload of their tab. */
export class Outbox {
  constructor(
    private readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
    private readonly key: string,
  ) {}

  load(): readonly Waiting[] {
    try {
      const kept: unknown = JSON.parse(this.storage.getItem(this.key) ?? '[]');
      return Array.isArray(kept) ? kept.filter(isWaiting) : [];
    } catch {
      // Not ours, or cut off: there is nothing to send.
      return [];
    }
  }

  keep(waiting: readonly Waiting[]): void {
    try {
      if (waiting.length === 0) this.storage.removeItem(this.key);
      else this.storage.setItem(this.key, JSON.stringify(waiting));
    } catch {
      // Full, or forbidden: they wait in this page alone.
    }
  }
}

/** Those that were said, by whatever way it became known, don't wait any more. */
export function withoutSaid(
  waiting: readonly Waiting[],
  said: readonly { readonly clientId: string | null; readonly senderId: number }[],
  ownId: number,
): readonly Waiting[] {
  const ids = new Set(said.filter(({ senderId }) => senderId === ownId).map(({ clientId }) => clientId));
  const left = waiting.filter(({ clientId }) => !ids.has(clientId));
  return left.length === waiting.length ? waiting : left;
}

/** One is refused, or with null waits anew. */
export function withRefusal(
  waiting: readonly Waiting[],
  clientId: string,
  refusal: string | null,
): readonly Waiting[] {
  return waiting.map((one) => (one.clientId === clientId ? { ...one, refusal } : one));
}

function isWaiting(value: unknown): value is Waiting {
  const { clientId, conversationId, text, refusal } = Object(value) as Partial<
    Record<keyof Waiting, unknown>
  >;
  return (
    typeof clientId === 'string' &&
    typeof conversationId === 'number' &&
    typeof text === 'string' &&
    (refusal === null || typeof refusal === 'string')
  );
}
