import { segmentsOf, userAddress } from '../../library/broker/address.js';
import { segmentsCover } from '../../library/broker/pattern.js';
import type { Authorizer, User, Verb } from '../../library/session/ports.js';
import type { Role } from '../users/user.entity.js';

/** `roles`: the table below. `open`: who has signed in may use all of `/topic` and `/queue`. */
export type Authorization = 'roles' | 'open';

/** The table of permissions: which roles may do what to which addresses. What no row grants is refused. */
export class CarillonAuthorizer implements Authorizer {
  readonly #grants: readonly (Grant & { readonly segments: readonly string[] })[];

  constructor(authorization: Authorization) {
    const all = authorization === 'open' ? [...grants, ...openGrants] : grants;
    this.#grants = all.map((grant) => ({ ...grant, segments: segmentsOf(grant.where) }));
  }

  isAllowed(user: User, verb: Verb, address: string): boolean {
    const wanted = segmentsOf(address);
    return this.#grants.some(
      ({ who, verb: granted, where, segments }) =>
        granted === verb &&
        (who === 'everyone' || user.roles.includes(who)) &&
        // A pattern is covered as a whole or not at all: what it may reach later counts too.
        segmentsCover(where === OWN ? segmentsOf(userAddress(user.name, '/**')) : segments, wanted),
    );
  }
}

interface Grant {
  /** Everyone who has signed in, or one role. */
  readonly who: 'everyone' | Role;
  readonly verb: Verb;
  readonly where: string;
}

/** The user's own address, `/user/{name}/**`. */
const OWN = '/user/**';

const grants: readonly Grant[] = [
  { who: 'everyone', verb: 'SEND', where: '/app/**' },
  { who: 'operator', verb: 'SEND', where: '/topic/**' },
  { who: 'operator', verb: 'SEND', where: '/queue/**' },

  { who: 'everyone', verb: 'SUBSCRIBE', where: OWN },
  { who: 'everyone', verb: 'SUBSCRIBE', where: '/app/**' },
  { who: 'everyone', verb: 'SUBSCRIBE', where: '/topic/announcements' },
  { who: 'everyone', verb: 'SUBSCRIBE', where: '/topic/events.**' },
  { who: 'doctor', verb: 'SUBSCRIBE', where: '/topic/dashboard-stats' },
  { who: 'operator', verb: 'SUBSCRIBE', where: '/topic/**' },
  { who: 'operator', verb: 'SUBSCRIBE', where: '/queue/**' },
];

/** For conformance suites and benchmarks: what RabbitMQ's default user may. */
const openGrants: readonly Grant[] = (['SEND', 'SUBSCRIBE'] as const).flatMap((verb) => [
  { who: 'everyone', verb, where: '/topic/**' },
  { who: 'everyone', verb, where: '/queue/**' },
]);
