import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CarillonAuthenticator } from '../../src/clinic/auth/authenticator.js';
import { Store } from '../../src/library/store/store.js';
import { hashPassword } from '../../src/clinic/users/password.js';
import { postgres, sqlite, type FreshDatabase } from '../databases.js';
import { ask, openClinic, problemOf, signIn, type Answer, type Clinic, type Login } from '../rest/clinic.js';

const PRODUCTION = { NODE_ENV: 'production' };

for (const kind of [sqlite, postgres])
  describe.skipIf(!kind.isHere)(`production, on the database of a demo on ${kind.name}`, () => {
    let database: FreshDatabase;
    let clinic: Clinic;
    let operator: Login;

    beforeEach(async () => {
      database = await kind.create();
      clinic = await openClinic({}, database);
      operator = await signIn(clinic, 'operator');
      const passwordHash = await hashPassword('only the doctor knows');
      await clinic.application
        .get(Store)
        .write((tx) =>
          tx.manager.query(`update users set password_hash = $1 where email = 'doctor@example.org'`, [
            passwordHash,
          ]),
        );
      await restart(PRODUCTION);
    });
    afterEach(async () => {
      await clinic.close();
      await database.drop();
    });

    async function restart(environment: Readonly<Record<string, string>>): Promise<void> {
      await clinic.close();
      clinic = await openClinic(environment, database);
    }

    it('lets none of its users in by the password that everybody knows', async () => {
      for (const who of ['operator', 'patient', 'patient2', 'doctor2', 'doctor'])
        expect(problemOf(await login(`${who}@example.org`, 'carillon'))).toEqual({
          status: 401,
          code: 'auth_failed',
        });

      const connecting = clinic.application.get(CarillonAuthenticator).authenticate({
        authorization: undefined,
        login: 'operator@example.org',
        passcode: 'carillon',
        remoteAddress: '10.0.0.1',
      });
      await expect(connecting).rejects.toMatchObject({ code: 'auth_failed' });
    });

    it('lets none of its sessions go on, although the secret is the same', async () => {
      expect(problemOf(await ask(`${clinic.url}/api/me`, { token: operator.token }))).toEqual({
        status: 401,
        code: 'auth_revoked',
      });
    });

    it('lets in whom its operator has given another password', async () => {
      expect((await login('doctor@example.org', 'only the doctor knows')).status).toBe(200);
    });

    it('leaves a demo that can be gone on with', async () => {
      await restart({});

      expect((await signIn(clinic, 'operator')).user.role).toBe('operator');
      expect((await login('doctor@example.org', 'only the doctor knows')).status).toBe(200);
    });

    function login(email: string, password: string): Promise<Answer> {
      return ask(`${clinic.url}/api/auth/login`, { body: { email, password } });
    }
  });
