import { LoginSessions } from '../../src/clinic/auth/login-sessions.js';
import { UsersService } from '../../src/clinic/users/users.service.js';
import { addPatients, embed } from './embedded.js';

export interface SeedUsersJob {
  readonly databaseUrl: string;
  readonly users: number;
}

export interface SeededUser {
  readonly id: number;
  readonly email: string;
  readonly token: string;
}

/** Sessions that are opened at once: less than may wait for the write lane. */
const AT_ONCE = 1_000;

/** Users who are signed in already: their passwords would measure scrypt. */
export async function prepare({
  databaseUrl,
  users,
}: SeedUsersJob): Promise<() => Promise<{ users: SeededUser[] }>> {
  const application = await embed(databaseUrl);
  const sessions = application.get(LoginSessions, { strict: false });
  const service = application.get(UsersService);

  const signIn = async (id: number): Promise<SeededUser> => {
    const person = await service.find(id);
    if (!person) throw new Error(`User ${id} is gone`);
    return { id, email: person.email, token: sessions.issue(await sessions.open(person)) };
  };
  return async () => {
    const ids = await addPatients(application, users);
    const seeded: SeededUser[] = [];
    for (let done = 0; done < ids.length; done += AT_ONCE)
      seeded.push(...(await Promise.all(ids.slice(done, done + AT_ONCE).map(signIn))));
    await application.close();
    return { users: seeded };
  };
}
