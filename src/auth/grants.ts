import { userAddress } from '../broker/address.js';
import { covers } from '../broker/pattern.js';
import type { Authorizer, User, Verb } from '../session/ports.js';
import type { Role } from '../users/user.entity.js';

/** `roles`: the table below. `open`: who has signed in may use all of `/topic` and `/queue`. */
export type Authorization = 'roles' | 'open';

/** Who may do what where. What no row grants is refused. */
export class CarillonAuthorizer implements Authorizer {
  readonly #grants: readonly Grant[];

  constructor(authorization: Authorization) {
    this.#grants = authorization === 'open' ? [...grants, ...openGrants] : grants;
  }

  isAllowed(user: User, verb: Verb, address: string): boolean {
    return this.#grants.some(
      (grant) =>
        grant.verb === verb &&
        (grant.who === 'everyone' || user.roles.includes(grant.who)) &&
        // A pattern is covered as a whole or not at all: what it may reach later counts too.
        covers(grant.where === OWN ? userAddress(user.name, '/**') : grant.where, address),
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
  { who: 'doctor', verb: 'SUBSCRIBE', where: '/topic/dashboard-stats' },
  { who: 'operator', verb: 'SUBSCRIBE', where: '/topic/**' },
  { who: 'operator', verb: 'SUBSCRIBE', where: '/queue/**' },
];

/** For conformance suites and benchmarks: what RabbitMQ's default user may. */
const openGrants: readonly Grant[] = (['SEND', 'SUBSCRIBE'] as const).flatMap((verb) => [
  { who: 'everyone', verb, where: '/topic/**' },
  { who: 'everyone', verb, where: '/queue/**' },
]);
