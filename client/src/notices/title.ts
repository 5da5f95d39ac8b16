import { badgeText } from '../notifications/badge.js';

/** Shows how many are unseen where the page itself isn't: in the tab's title, and on the icon of an installed page. */
export function showCount(unseen: number): void {
  document.title = unseen > 0 ? `(${badgeText(unseen)}) Carillon` : 'Carillon';
  // Where browsers have it, it may still be refused: to a page that isn't installed, in private windows.
  if ('setAppBadge' in navigator) void navigator.setAppBadge(unseen).catch(() => undefined);
}
