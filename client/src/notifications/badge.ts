import { say } from '../words/words.js';

/** Exact to 99: beyond that nobody counts, and the bell would grow. */
export function badgeText(unseen: number): string {
  return unseen > 99 ? '99+' : String(unseen);
}

/** The bell's name for those who hear it: with the true number. */
export function bellName(unseen: number): string {
  return say('bell.named', { count: unseen });
}
