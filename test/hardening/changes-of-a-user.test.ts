import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Store } from '../../src/library/store/store.js';
import { ask, newPatient, openClinic, signIn, type Answer, type Clinic, type Login } from '../rest/clinic.js';

/** The machine may be busy. */
const PATIENCE = { timeout: 20_000 };

let clinic: Clinic;
let operator: Login;
let patient: Login;

beforeAll(async () => {
  clinic = await openClinic({ LIMIT_WRITE_BATCH: '4', LIMIT_WRITE_UNIT_MS: '60000' });
  [operator, patient] = await Promise.all([signIn(clinic, 'operator'), newPatient(clinic)]);
});
afterAll(() => clinic.close());

it.each(['/api/auth/ticket', '/api/auth/refresh'])(
  'an operator’s alert waits for none of the many changes that a patient has begun (%s)',
  async (path) => {
    const store = clinic.application.get(Store);
    let release = (): void => undefined;
    const held = store.write(() => new Promise<void>((resolve) => (release = resolve)));
    const write = vi.spyOn(store, 'write');
    let answered = 0;
    const changes = Array.from({ length: 40 }, () => post(patient, path, {}).finally(() => answered++));
    await expect.poll(() => write.mock.calls.length, PATIENCE).toBeGreaterThanOrEqual(40);
    const alert = post(operator, '/api/notifications', { userId: operator.user.id, message: 'Fire' });
    await expect.poll(() => write.mock.calls.length, PATIENCE).toBeGreaterThanOrEqual(41);
    write.mockRestore();
    release();

    expect((await alert).status).toBe(201);

    expect(answered).toBeLessThan(20);
    await Promise.all([held, ...changes]);
  },
  3 * PATIENCE.timeout,
);

function post({ token }: Login, path: string, body: object): Promise<Answer> {
  return ask(`${clinic.url}${path}`, { token, body });
}
