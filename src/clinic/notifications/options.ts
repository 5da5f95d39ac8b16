import type { Limits } from '../limits.js';

/** The settings of the notifications' module. */
export interface NotificationsOptions {
  readonly limits: Limits;
}

/** The injection token of the options of notifications. */
export const NOTIFICATIONS_OPTIONS = Symbol('carillon:notifications-options');
