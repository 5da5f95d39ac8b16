import { randomUUID } from 'node:crypto';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { createApplication } from '../../src/application.js';
import { loadSettings } from '../../src/config.js';
import { Store } from '../../src/library/store/store.js';
import { UsersService } from '../../src/clinic/users/users.service.js';
import { secret, settings } from '../carillon-settings.js';

/** The whole application in this process, without a port. */
export async function embed(databaseUrl: string): Promise<NestExpressApplication> {
  const application = await createApplication(
    loadSettings({
      DATABASE_URL: databaseUrl,
      JWT_SECRET: secret,
      ...settings,
    }),
  );
  await application.init();
  return application;
}

/** New patients, who can't sign in. @returns their ids */
export async function addPatients(application: NestExpressApplication, count: number): Promise<number[]> {
  const users = application.get(UsersService);
  const ids: number[] = [];
  while (ids.length < count) {
    await application.get(Store).write(async (tx) => {
      for (const end = Math.min(count, ids.length + AT_ONCE); ids.length < end;) {
        const email = `bench-${randomUUID()}@example.org`;
        const one = { email, name: 'Bea Bench', role: 'patient', specialty: null, passwordHash: '' } as const;
        ids.push((await users.create(tx, one)).id);
      }
    });
  }
  return ids;
}

/** Rows of one unit of work, which has its time. */
const AT_ONCE = 500;
