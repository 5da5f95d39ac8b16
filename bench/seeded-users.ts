import { startLoad } from './load.js';
import type { prepare, SeededUser } from './loads/seed-users.js';

/** Puts users into a database which no server has open, and signs them in. */
export async function seedUsers(databaseUrl: string, users: number): Promise<readonly SeededUser[]> {
  const seed = await startLoad<typeof prepare>('seed-users', { databaseUrl, users });
  const seeded = await seed.run();
  await seed.stop();
  return seeded.users;
}
