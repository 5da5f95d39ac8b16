import { say } from '../words/words.js';

/** A toast. */
export interface Toast {
  readonly id: number;
  readonly tone: 'news' | 'alert' | 'error' | 'announcement';
  readonly title: string;
  readonly text: string;
  /** Stays until it is dismissed. */
  readonly isSticky: boolean;
  /** The notifications that it tells of, by id; none for what isn't under the bell. */
  readonly about: readonly number[];
  /** What "Show" leads to. */
  readonly appointmentId?: number;
  /** Or that. */
  readonly conversationId?: number;
}

/** A toast that isn't shown yet. */
export type NewToast = Omit<Toast, 'id'>;

/** How many toasts stand at once. */
const maxToasts = 3;
/** What is kept nowhere else isn't merged; but nobody reads more of it than this. */
const maxKept = 20;

/** Adds one. Where three are shown already, what is under the bell too becomes one that says how many. */
export function push(toasts: readonly Toast[], toast: NewToast, id: number): readonly Toast[] {
  const all = [...toasts, { ...toast, id }];
  if (all.length <= maxToasts) return all;

  const underBell = all.filter(({ about }) => about.length > 0);
  const leaving = underBell.filter(({ isSticky }) => !isSticky);
  // Where too few leave by themselves, the youngest give way.
  const merged = leaving.length > 1 ? leaving : underBell.slice(-2);
  if (merged.length < 2) return all.slice(-maxKept);
  return [...all.filter((other) => !merged.includes(other)), summary(merged, id)].slice(-maxKept);
}

/** The toasts without that one. */
export function dismiss(toasts: readonly Toast[], id: number): readonly Toast[] {
  return toasts.filter((toast) => toast.id !== id);
}

/** Takes away what tells of nothing new any more. @param isOpen whether nobody has taken note of a notification yet */
export function settle(
  toasts: readonly Toast[],
  isOpen: (notification: number) => boolean,
): readonly Toast[] {
  const left = toasts.filter(({ about }) => about.length === 0 || about.some(isOpen));
  return left.length === toasts.length ? toasts : left;
}

function summary(merged: readonly Toast[], id: number): Toast {
  const about = merged.flatMap((toast) => toast.about);
  return {
    id,
    about,
    tone: merged.some(({ tone }) => tone === 'alert') ? 'alert' : 'news',
    title: say('toasts.updates', { count: about.length }),
    text: say('missed.bell'),
    isSticky: merged.some(({ isSticky }) => isSticky),
  };
}
