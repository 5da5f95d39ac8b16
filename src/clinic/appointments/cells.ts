import { In, Not, type EntityManager } from 'typeorm';
import { Refusal } from '../errors.js';
import { rowsOf } from '../../library/store/rows.js';
import { AppointmentCellRow } from './appointment-cell.entity.js';
import type { AppointmentRow } from './appointment.entity.js';
import { cellMinutes, cellMs } from './cell-length.js';

type Held = Pick<AppointmentRow, 'doctorId' | 'startsAt' | 'durationMinutes'>;

/**
 * Looks before anything is written, so that a refusal costs the transaction's other units nothing.
 * @param except an appointment whose own cells don't count
 * @throws {Refusal} slot_taken
 */
export async function assertFree(manager: EntityManager, wanted: Held, except = 0): Promise<void> {
  const isTaken = await manager.existsBy(AppointmentCellRow, {
    doctorId: wanted.doctorId,
    cell: In(cellsOf(wanted)),
    appointmentId: Not(except),
  });
  if (isTaken) throw taken();
}

/** Takes the time of an appointment. @throws {Refusal} slot_taken: another transaction was first */
export async function hold(manager: EntityManager, appointment: Held & { id: number }): Promise<void> {
  const cells = cellsOf(appointment);
  const places = cells.map((_, i) => `($${3 * i + 1}, $${3 * i + 2}, $${3 * i + 3})`);
  const held = await rowsOf(
    manager,
    `insert into appointment_cell (doctor_id, cell, appointment_id) values ${places.join(', ')}
     on conflict do nothing returning cell`,
    cells.flatMap((cell) => [appointment.doctorId, cell, appointment.id]),
  );
  if (held.length < cells.length) throw taken();
}

/** Gives back the time that an appointment took. */
export async function release(manager: EntityManager, appointmentId: number): Promise<void> {
  await manager.delete(AppointmentCellRow, { appointmentId });
}

function cellsOf({ startsAt, durationMinutes }: Held): number[] {
  const first = startsAt.getTime() / cellMs;
  return Array.from({ length: durationMinutes / cellMinutes }, (_, i) => first + i);
}

function taken(): Refusal {
  return new Refusal('slot_taken', 'The doctor has another appointment at that time; choose another slot.');
}
