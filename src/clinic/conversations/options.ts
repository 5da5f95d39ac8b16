import type { Limits } from '../limits.js';

/** The settings of the conversations' module. */
export interface ConversationsOptions {
  readonly limits: Limits;
  /** Whether members see who of them is here. */
  readonly isPresenceShown: boolean;
}

/** The injection token of the options of conversations. */
export const CONVERSATIONS_OPTIONS = Symbol('carillon:conversations-options');
