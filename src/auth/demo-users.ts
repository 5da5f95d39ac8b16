import { HttpError } from '../errors.js';
import type { Store } from '../store/store.js';
import { hashPassword } from '../users/password.js';
import type { NewUser, UsersService } from '../users/users.service.js';

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

/** Adds those who are missing; several nodes may do it at once. */
export async function seedDemoUsers(store: Store, users: UsersService): Promise<void> {
  const known = await Promise.all(demoUsers.map(({ email }) => users.findByEmail(email)));
  const missing = demoUsers.filter((_, i) => !known[i]);
  if (missing.length === 0) return;

  // One hash for all: the password is public, and each hash costs a good part of the start.
  const passwordHash = await hashPassword(demoPassword);
  await Promise.all(
    missing.map((one) =>
      store
        .write((tx) => users.create(tx, { ...one, passwordHash }))
        .catch((error: unknown) => {
          // A node that started at the same moment was first.
          if (!(error instanceof HttpError && error.code === 'email_taken')) throw error;
        }),
    ),
  );
}
