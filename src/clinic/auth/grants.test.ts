import { describe, expect, it } from 'vitest';
import { userAddress } from '../../library/broker/address.js';
import type { User, Verb } from '../../library/session/ports.js';
import type { Role } from '../users/user.entity.js';
import { CarillonAuthorizer, type Authorization } from './grants.js';

const roles: readonly Role[] = ['patient', 'doctor', 'operator'];
const own = (destination: string) => userAddress('ada.l@example.org', destination);

/** Verb, address, and who may: the contract's words as rows. */
const table: readonly [Verb, string, readonly Role[]][] = [
  ['SEND', '/app/notifications.read', roles],
  ['SEND', '/topic/announcements', ['operator']],
  ['SEND', '/topic/news', ['operator']],
  ['SEND', '/queue/work', ['operator']],
  ['SEND', '/queue/dlq/work', ['operator']],
  ['SEND', own('/queue/notifications'), []],
  ['SEND', userAddress('bob@example.org', '/queue/notifications'), []],

  ['SUBSCRIBE', '/app/anything', roles],
  ['SUBSCRIBE', own('/queue/notifications'), roles],
  ['SUBSCRIBE', own('/topic/anything.at.all'), roles],
  ['SUBSCRIBE', userAddress('bob@example.org', '/queue/notifications'), []],
  // One name that begins as the other does.
  ['SUBSCRIBE', userAddress('ada.l@example.organisation', '/queue/notifications'), []],
  ['SUBSCRIBE', userAddress('ada.l', '/queue/notifications'), []],

  ['SUBSCRIBE', '/topic/announcements', roles],
  ['SUBSCRIBE', '/topic/announcements/internal', ['operator']],
  ['SUBSCRIBE', '/topic/announcements.internal', ['operator']],
  ['SUBSCRIBE', '/topic/dashboard-stats', ['doctor', 'operator']],
  ['SUBSCRIBE', '/topic/news', ['operator']],
  ['SUBSCRIBE', '/queue/work', ['operator']],

  // A pattern, only where all that it can match is granted.
  ['SUBSCRIBE', '/topic/*', ['operator']],
  ['SUBSCRIBE', '/topic/**', ['operator']],
  ['SUBSCRIBE', '/topic/announcements/**', ['operator']],
  ['SUBSCRIBE', '/topic/a.*', ['operator']],
];

describe('the table of grants', () => {
  it.each(table.flatMap(([verb, address, may]) => roles.map((role) => [role, verb, address, may] as const)))(
    'for a %s to %s %s',
    (role, verb, address, may) => {
      expect(isAllowed('roles', role, verb, address)).toBe(may.includes(role));
    },
  );

  it('lets nobody reach another user by a pattern', () => {
    const patterns = ['/user/**', '/user/*/queue/notifications', '/user/bob%40example.org/**', '/**'];

    for (const authorization of ['roles', 'open'] as const)
      for (const pattern of patterns)
        expect(isAllowed(authorization, 'operator', 'SUBSCRIBE', pattern)).toBe(false);
  });

  it('when open, opens topics and queues to everyone who has signed in, and nothing else', () => {
    for (const verb of ['SEND', 'SUBSCRIBE'] as const) {
      expect(isAllowed('open', 'patient', verb, '/topic/news')).toBe(true);
      expect(isAllowed('open', 'patient', verb, '/queue/work')).toBe(true);
      expect(isAllowed('open', 'patient', verb, userAddress('bob@example.org', '/queue/x'))).toBe(false);
    }
    expect(isAllowed('open', 'patient', 'SEND', own('/queue/x'))).toBe(false);
  });
});

function isAllowed(authorization: Authorization, role: Role, verb: Verb, address: string): boolean {
  const ada: User = {
    name: 'ada.l@example.org',
    roles: [role],
    expiresAt: Infinity,
    ended: new AbortController().signal,
  };
  return new CarillonAuthorizer(authorization).isAllowed(ada, verb, address);
}
