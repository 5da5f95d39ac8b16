import { createStore, type Readable } from '../state/store.js';
import { dismiss, push, settle, type NewToast, type Toast } from './toast-queue.js';
import type { Announcer } from './announcer.js';

/** What pops up, for the eye here and for the ear by the announcer. */
export class Toasts {
  readonly #shown = createStore<readonly Toast[]>([]);
  readonly #announcer: Announcer;
  #lastId = 0;
  #isNewsInView = false;

  constructor(announcer: Announcer) {
    this.#announcer = announcer;
  }

  get shown(): Readable<readonly Toast[]> {
    return this.#shown;
  }

  show(toast: NewToast): void {
    const isInView = this.#isNewsInView && (toast.tone === 'news' || toast.tone === 'alert');
    if (!isInView) {
      const id = ++this.#lastId;
      this.#shown.update((toasts) => push(toasts, toast, id));
    }
    this.#announcer.say(`${toast.title}. ${toast.text}`, toast.isSticky ? 'assertive' : 'polite');
  }

  /** The panel shows news by itself now: they are said, but don't pop up. @returns ends it */
  holdNews(): () => void {
    this.#isNewsInView = true;
    return () => {
      this.#isNewsInView = false;
    };
  }

  dismiss(id: number): void {
    this.#shown.update((toasts) => dismiss(toasts, id));
  }

  /** @param isOpen whether nobody has taken note of a notification yet, on any device */
  settle(isOpen: (notification: number) => boolean): void {
    this.#shown.update((toasts) => settle(toasts, isOpen));
  }

  clear(): void {
    this.#shown.set([]);
  }
}
