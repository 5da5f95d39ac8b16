import type { NewToast } from '../toasts/toast-queue.js';

/** It is kept nowhere else, so it stays until somebody has read it. Undefined for what isn't one. */
export function announcementToast(body: unknown): NewToast | undefined {
  const text = (body as { message?: unknown } | null)?.message;
  return typeof text === 'string'
    ? { tone: 'announcement', title: 'Announcement', text, isSticky: true, about: [] }
    : undefined;
}
