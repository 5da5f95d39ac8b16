import type { Authenticator } from '../session/ports.js';

/** Accepts any login, without a password and without roles. For tests alone. */
export const anybody: Authenticator = {
  authenticate: async ({ login = '' }) => ({ name: login, roles: [] }),
};
