import type { NestExpressApplication } from '@nestjs/platform-express';
import { createApplication } from '../../src/application.js';
import { loadSettings } from '../../src/config.js';
import { Store } from '../../src/store/store.js';
import { UsersService } from '../../src/users/users.service.js';

/** The whole application in this process, without a port. */
export async function embed(databaseUrl: string): Promise<NestExpressApplication> {
  const application = await createApplication(
    loadSettings({
      DATABASE_URL: databaseUrl,
      JWT_SECRET: 'of a server that lives for a minute, on loopback',
      LOG_LEVEL: 'warn',
    }),
  );
  await application.init();
  return application;
}

/** New patients, who can't sign in. @returns their ids */
export function addPatients(application: NestExpressApplication, count: number): Promise<number[]> {
  const users = application.get(UsersService);
  const store = application.get(Store);
  return Promise.all(
    Array.from({ length: count }, (_, i) =>
      store.write(async (tx) => {
        const email = `bench-${i}@example.org`;
        const one = { email, name: 'Bea Bench', role: 'patient', specialty: null, passwordHash: '' } as const;
        return (await users.create(tx, one)).id;
      }),
    ),
  );
}
