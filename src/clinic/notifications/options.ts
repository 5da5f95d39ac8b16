import type { Limits } from '../limits.js';

/** What the room is told by whoever composes it. */
export interface NotificationsOptions {
  readonly limits: Limits;
}

export const NOTIFICATIONS_OPTIONS = Symbol('carillon:notifications-options');
