import type { EntityManager } from 'typeorm';
import { Refusal } from '../errors.js';
import type { SignedIn } from '../auth/signed-in.js';
import type { UsersService } from '../users/users.service.js';

/**
 * Looks whether somebody may write to all of these: staff to everybody, patients to doctors, whom everybody knows. Patients
 * aren't told who else there is: a number that they may not write to is as if it were nobody's.
 * @throws {Refusal} not_found
 */
export async function assertMayWriteTo(
  actor: Pick<SignedIn, 'role'>,
  ids: readonly number[],
  users: Pick<UsersService, 'findAll'>,
  manager: EntityManager,
): Promise<void> {
  const people = await users.findAll(ids, manager);
  const isKnown = (id: number): boolean => {
    const role = people.get(id)?.role;
    return role !== undefined && (actor.role !== 'patient' || role === 'doctor');
  };
  if (!ids.every(isKnown)) throw new Refusal('not_found', 'There is no such user to write to.');
}
