import { Refusal } from '../errors.js';
import type { Store } from '../../library/store/store.js';
import { hashPassword, NO_PASSWORD, verifyPassword } from '../users/password.js';
import type { NewUser, UsersService } from '../users/users.service.js';
import { endSessionsOf } from './session-rows.js';

/** Of all demo users; anybody may know it. */
export const demoPassword = 'carillon';

/** Whom one can sign in as to see what Carillon does. */
export const demoUsers: readonly Omit<NewUser, 'passwordHash'>[] = [
  { email: 'patient@example.org', name: 'Paula Brandt', role: 'patient', specialty: null },
  { email: 'patient2@example.org', name: 'Jonas Keller', role: 'patient', specialty: null },
  { email: 'doctor@example.org', name: 'Dr. Amara Osei', role: 'doctor', specialty: 'General practice' },
  { email: 'doctor2@example.org', name: 'Dr. Henrik Lund', role: 'doctor', specialty: 'Cardiology' },
  { email: 'operator@example.org', name: 'Mira Novak', role: 'operator', specialty: null },
];

/** Adds those who are missing, and lets in those who were locked out; several nodes may do it at once. */
export async function seedDemoUsers(store: Store, users: UsersService): Promise<void> {
  const hashes = await Promise.all(demoUsers.map(({ email }) => users.passwordHashOf(email)));
  const missing = demoUsers.filter((_, i) => hashes[i] === undefined);
  const lockedOut = demoUsers.filter((_, i) => hashes[i] === NO_PASSWORD);
  if (missing.length + lockedOut.length === 0) return;

  // One hash for all: the password is public, and each hash costs a good part of the start.
  const passwordHash = await hashPassword(demoPassword);
  await Promise.all([
    ...lockedOut.map(({ email }) =>
      store.write((tx) => users.changePassword(tx, email, { from: NO_PASSWORD, to: passwordHash })),
    ),
    ...missing.map((one) =>
      store
        .write((tx) => users.create(tx, { ...one, passwordHash }))
        .catch((error: unknown) => {
          // A node that started at the same moment was first.
          if (!(error instanceof Refusal && error.code === 'email_taken')) throw error;
        }),
    ),
  ]);
}

/**
 * Locks out those whom a demo on this database has left, and ends their sessions: everybody knows their password.
 * One who was given another password since is somebody's, and stays.
 * @returns their e-mail addresses
 */
export async function lockOutDemoUsers(store: Store, users: UsersService): Promise<string[]> {
  const lockedOut: string[] = [];
  const addresses = demoUsers.map(({ email }) => email);
  for (const email of [...addresses, ...(await users.movedFrom(addresses))]) {
    const hash = await users.passwordHashOf(email);
    // To look at a password takes a while, at each start from now on.
    if (hash === undefined || hash === NO_PASSWORD) continue;
    if (!(await verifyPassword(demoPassword, hash))) continue;
    await store.write(async (tx) => {
      await users.changePassword(tx, email, { from: hash, to: NO_PASSWORD });
      await endSessionsOf(tx.manager, email);
    });
    lockedOut.push(email);
  }
  return lockedOut;
}
