import type { Authenticator } from '../session/ports.js';

/** Takes everybody at his word: who says a login is that user, without roles, for a minute. For tests alone. */
export const anybody: Authenticator = {
  authenticate: async ({ login = '' }) => ({
    name: login,
    roles: [],
    expiresAt: Date.now() + 60_000,
    ended: new AbortController().signal,
  }),
};
