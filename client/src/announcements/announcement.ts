import type { NewToast } from '../toasts/toast-queue.js';
import { say } from '../words/words.js';

/** Nobody marks it as read, so it stays until somebody has read it. Undefined for what isn't one. */
export function announcementToast(body: unknown): NewToast | undefined {
  const text = (body as { message?: unknown } | null)?.message;
  return typeof text === 'string'
    ? { tone: 'announcement', title: say('composer.title'), text, isSticky: true, about: [] }
    : undefined;
}

/** Which announcement this person has had last in this browser: what is announced while they are away comes when they return. */
export class AnnouncementCursor {
  constructor(
    private readonly storage: Pick<Storage, 'getItem' | 'setItem'>,
    private readonly key: string,
  ) {}

  since(): string | undefined {
    return this.storage.getItem(this.key) ?? undefined;
  }

  had(cursor: string): void {
    this.storage.setItem(this.key, cursor);
  }
}
