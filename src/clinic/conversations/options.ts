import type { Limits } from '../limits.js';

/** The settings of the conversations' module. */
export interface ConversationsOptions {
  readonly limits: Limits;
}

export const CONVERSATIONS_OPTIONS = Symbol('carillon:conversations-options');
