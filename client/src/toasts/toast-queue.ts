export interface Toast {
  readonly id: number;
  readonly tone: 'news' | 'alert' | 'error' | 'announcement';
  readonly title: string;
  readonly text: string;
  /** Stays until it is dismissed. */
  readonly isSticky: boolean;
  /** How many updates it stands for. */
  readonly count: number;
  /** What "Show" leads to. */
  readonly appointmentId?: number;
}

export type NewToast = Omit<Toast, 'id' | 'count'>;

export const maxToasts = 3;

/** Adds one. Where three are shown already, what may leave by itself becomes one that says how many. */
export function push(toasts: readonly Toast[], toast: NewToast, id: number): readonly Toast[] {
  const added: Toast = { ...toast, id, count: 1 };
  if (toasts.length < maxToasts) return [...toasts, added];

  const leaving = toasts.filter(({ isSticky }) => !isSticky);
  // Three that must be dismissed: the youngest gives way, as they are all in the panel.
  const merged = [...(leaving.length > 0 ? leaving : toasts.slice(-1)), added];
  return [...toasts.filter((other) => !merged.includes(other)), summary(merged, id)];
}

export function dismiss(toasts: readonly Toast[], id: number): readonly Toast[] {
  return toasts.filter((toast) => toast.id !== id);
}

function summary(merged: readonly Toast[], id: number): Toast {
  const count = merged.reduce((sum, toast) => sum + toast.count, 0);
  return {
    id,
    count,
    tone: merged.some(({ tone }) => tone === 'alert') ? 'alert' : 'news',
    title: `${count} updates`,
    text: 'They are all under the bell.',
    isSticky: merged.some(({ isSticky }) => isSticky),
  };
}
