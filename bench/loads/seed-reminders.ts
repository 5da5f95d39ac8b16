import { insertReminders } from '../../src/clinic/appointments/reminder-table.js';
import { listsIn, rowsOf } from '../../src/library/store/rows.js';
import { Store } from '../../src/library/store/store.js';
import { addPatients, embed } from './embedded.js';

export interface SeedRemindersJob {
  readonly databaseUrl: string;
  readonly patients: number;
  readonly reminders: number;
  /** After they are written. */
  readonly dueInMs: number;
}

export interface SeedRemindersResult {
  /** Of all of them, in ms since the Unix epoch. */
  readonly dueAt: number;
}

const OFFSET_MINUTES = 120;
const AT_ONCE = 1_000;

/** Appointments of many patients at one instant, each with a reminder: all of them are due in the same second. */
export async function prepare(job: SeedRemindersJob): Promise<() => Promise<SeedRemindersResult>> {
  const application = await embed(job.databaseUrl);
  const store = application.get(Store, { strict: false });
  return async () => {
    const patients = await addPatients(application, job.patients);
    const [doctor] = await rowsOf<{ id: number }>(
      store.read,
      `select id from users where role = 'doctor' order by id limit 1`,
    );
    const dueAt = Date.now() + job.dueInMs;
    const startsAt = new Date(dueAt + OFFSET_MINUTES * 60_000);
    for (let done = 0; done < job.reminders; done += AT_ONCE) {
      const owners = Array.from(
        { length: Math.min(AT_ONCE, job.reminders - done) },
        (_, i) => patients[(done + i) % patients.length] ?? 0,
      );
      await store.write(async ({ manager }) => {
        const rows = await rowsOf<{ id: number; patient_id: number }>(
          manager,
          `insert into appointment (patient_id, doctor_id, starts_at, duration_minutes, status, zone, version)
           select cast(value->>0 as bigint), $1, $2, 30, 'booked', 'Europe/Berlin', 1 from ${listsIn(manager, '$3')}
           returning id, patient_id`,
          [doctor?.id ?? 0, startsAt.getTime(), JSON.stringify(owners.map((id) => [id]))],
        );
        const reminders = rows.map(({ id, patient_id }) => ({
          ...{ appointmentId: id, recipientId: patient_id, offsetMinutes: OFFSET_MINUTES },
          ...{ startsAt, dueAt: new Date(dueAt), state: 'planned' as const },
        }));
        await insertReminders(manager, reminders, Date.now());
      });
    }
    await application.close();
    return { dueAt };
  };
}
