import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { DatabaseKind, FreshDatabase } from '../databases.js';
import { ask, newPatient, openClinic, signIn, slot, type Clinic, type Login } from './clinic.js';

/** A clinic of its own for each describe; a patient and an appointment of his for each test. */
export interface OneAppointment {
  readonly clinic: Clinic;
  readonly doctor: Login;
  readonly patient: Login;
  /** At eight, on a day that no other test has. */
  readonly day: number;
  readonly url: string;
  /** Closes the clinic and opens it again, on the same database. */
  restart(environment?: Readonly<Record<string, string>>): Promise<void>;
}

/** Hooks for a describe. @returns what the hooks fill, to be read inside of tests */
export function oneAppointment(
  kind: DatabaseKind,
  booking: { readonly reason?: string } = {},
): OneAppointment {
  let database: FreshDatabase;
  const here = {
    day: 2,
    async restart(environment = {}) {
      const path = here.url.slice(here.clinic.url.length);
      await here.clinic.close();
      here.clinic = await openClinic(environment, database);
      here.url = here.clinic.url + path;
    },
  } as { -readonly [Key in keyof OneAppointment]: OneAppointment[Key] };

  beforeAll(async () => {
    database = await kind.create();
    here.clinic = await openClinic({}, database);
    here.doctor = await signIn(here.clinic, 'doctor');
  });
  afterAll(async () => {
    await here.clinic.close();
    await database.drop();
  });
  beforeEach(async () => {
    here.patient = await newPatient(here.clinic);
    here.day++;
    const { body } = await ask(`${here.clinic.url}/api/appointments`, {
      token: here.patient.token,
      body: { doctorId: here.doctor.user.id, startsAt: slot(0, here.day), ...booking },
    });
    here.url = `${here.clinic.url}/api/appointments/${String(body['id'])}`;
  });
  return here;
}
