import type { Caller } from './caller.js';

interface Slots {
  readonly items: readonly { readonly startsAt: string }[];
}

export interface BookedAppointment {
  readonly id: number;
  readonly doctorId: number;
  readonly startsAt: string;
}

/** Books the first free time of a doctor a week from now. */
export async function book(patient: Caller, doctor: Caller): Promise<BookedAppointment> {
  return patient.post('/api/appointments', {
    doctorId: doctor.user.id,
    startsAt: await freeSlot(patient, doctor),
    reason: 'a check-up',
  });
}

async function freeSlot(patient: Caller, doctor: Caller): Promise<string> {
  const date = new Date(Date.now() + 7 * 24 * 3_600_000).toISOString().slice(0, 10);
  const { items } = await patient.get<Slots>(`/api/doctors/${doctor.user.id}/slots?date=${date}`);
  if (!items[0]) throw new Error(`no free slot on ${date}`);
  return items[0].startsAt;
}
