import { Inject, Injectable } from '@nestjs/common';
import { In, type EntityManager } from 'typeorm';
import type { SignedIn } from '../auth/signed-in.js';
import type { Entry } from '../../library/inbox/entry.js';
import { Inbox } from '../../library/inbox/inbox.js';
import { ownerOf } from '../../library/store/owner.js';
import { listsIn, rowsOf } from '../../library/store/rows.js';
import { Store } from '../../library/store/store.js';
import type { Transaction } from '../../library/store/transaction.js';
import { UsersService } from '../users/users.service.js';
import type { Appointment, Cancellation } from './appointment.js';
import { AppointmentEventRow } from './appointment-event.entity.js';
import type { FieldChange } from './field-changes.js';
import { APPOINTMENTS_OPTIONS, type AppointmentsOptions } from './options.js';
import { PatientMessageRow } from './patient-message.entity.js';
import type { Reminder } from './reminder.js';
import { remindersOf } from './reminder-table.js';
import type { Side } from './wording.js';

/** An event as the API shows it. */
export interface PastEvent {
  readonly at: Date;
  /** The id of the user who did it. */
  readonly by: number;
  readonly byName: string;
  readonly type: string;
  readonly changes: readonly FieldChange[];
  /** Of a message to the patient: what was said. */
  readonly text?: string;
  /** Without those whose notification was pruned. */
  readonly recipients: readonly ToldRecipient[];
}

/** Somebody who was told of a change, and how far the alert came. */
export interface ToldRecipient {
  readonly role: Side;
  /** Null while no device has acknowledged it. */
  readonly deliveredAt: Date | null;
  /** Not for doctors: when somebody looked is theirs to tell. */
  readonly seenAt?: Date | null;
}

/** A reminder as the history shows it. */
export interface PastReminder
  extends
    Pick<Reminder, 'offsetMinutes' | 'startsAt' | 'dueAt' | 'state' | 'reason' | 'changedAt'>,
    Partial<ToldRecipient> {
  readonly role: Side;
}

/** The changes of an appointment: their author, and the people whom the news of them has reached. */
@Injectable()
export class AppointmentHistory {
  constructor(
    private readonly store: Store,
    private readonly users: UsersService,
    private readonly inbox: Inbox,
    @Inject(APPOINTMENTS_OPTIONS) private readonly options: AppointmentsOptions,
  ) {}

  /** Adds an event in the transaction that makes it. */
  async record(tx: Transaction, event: AppointmentEventRow): Promise<void> {
    await tx.manager.insert(AppointmentEventRow, event);
  }

  /** By whom, when and why those of them that are cancelled were. */
  async cancellations(
    ids: readonly number[],
    manager: EntityManager,
  ): Promise<ReadonlyMap<number, Cancellation>> {
    if (ids.length === 0) return new Map();
    const rows = await manager.find(AppointmentEventRow, {
      where: { appointmentId: In([...ids]), type: 'appointment.cancelled' },
    });
    const people = await this.users.findAll(
      rows.map(({ by }) => by),
      manager,
    );
    return new Map(
      rows.map(({ appointmentId, at, by, changes }) => {
        const why = (JSON.parse(changes) as FieldChange[]).find(
          ({ field }) => field === 'cancellationReason',
        );
        const reason = typeof why?.to === 'string' ? why.to : null;
        const byName = people.get(by)?.name ?? '';
        return [appointmentId, { at: at.toISOString(), by, byName, reason }];
      }),
    );
  }

  /** When each got its present version. */
  async lastChanges(ids: readonly number[], manager: EntityManager): Promise<ReadonlyMap<number, Date>> {
    if (ids.length === 0) return new Map();
    const rows = await rowsOf<{ id: number; at: number }>(
      manager,
      `select appointment_id as id, max(at) as at from appointment_event
       where appointment_id in (select cast(value->>0 as bigint) from ${listsIn(manager, '$1')})
       group by appointment_id`,
      [JSON.stringify(ids.map((id) => [id]))],
    );
    return new Map(rows.map(({ id, at }) => [id, new Date(at)]));
  }

  /** The newest events and messages, oldest first. @param reader somebody who may see the appointment */
  async of(reader: SignedIn, { id, patientId, doctorId }: Appointment): Promise<PastEvent[]> {
    const read = this.store.readFor(ownerOf(reader.id));
    const { pageItems: take } = this.options.limits;
    const rows = await read.find(AppointmentEventRow, {
      where: { appointmentId: id },
      order: { version: 'desc' },
      take,
    });
    const words = await read.find(PatientMessageRow, {
      where: { appointmentId: id },
      order: { id: 'desc' },
      take,
    });
    const patient = { role: 'patient', owner: patientId } as const;
    const doctor = { role: 'doctor', owner: doctorId } as const;
    // Versions are in their order also where the clock was set back between two of them.
    let latest = 0;
    const told = [
      ...rows.toReversed().map((row) => {
        latest = Math.max(latest, row.at.getTime());
        return { row, place: latest, key: noticeKey(row), sides: [patient, doctor] };
      }),
      ...words.toReversed().map((row) => {
        return { row, place: row.at.getTime(), key: wordKey(row), sides: [patient] };
      }),
    ].toSorted((a, b) => a.place - b.place);

    const people = await this.users.findAll(
      told.map(({ row }) => row.by),
      read,
    );
    const entries = await this.inbox.findKeyed(
      told.flatMap(({ key, sides }) => sides.map(({ owner }) => ({ owner, dedupeKey: key }))),
    );
    const entryOf = entries.values();
    return told.map(({ row, sides }) => ({
      ...{ at: row.at, by: row.by, byName: people.get(row.by)?.name ?? '' },
      ...('text' in row
        ? { type: 'message', changes: [], text: row.text }
        : { type: row.type, changes: JSON.parse(row.changes) as FieldChange[] }),
      recipients: sides.flatMap(({ role }) => {
        const entry = entryOf.next().value;
        return entry ? [recipientFor(reader, role, entry)] : [];
      }),
    }));
  }

  /** What its people were, and will be, reminded of, in the order in which it is due. @param reader as in `of` */
  async remindersOf(reader: SignedIn, { id, patientId }: Appointment): Promise<PastReminder[]> {
    const reminders = await remindersOf(this.store.readFor(ownerOf(reader.id)), id);
    const sent = reminders.filter(({ state }) => state === 'sent');
    const entries = await this.inbox.findKeyed(
      sent.map((one) => ({ owner: one.recipientId, dedupeKey: reminderKey(one) })),
    );
    return reminders.map((one) => {
      const { recipientId, offsetMinutes, startsAt, dueAt, state, reason, changedAt } = one;
      const role = recipientId === patientId ? 'patient' : 'doctor';
      const entry = entries[sent.indexOf(one)];
      const reached = entry ? recipientFor(reader, role, entry) : {};
      return { role, offsetMinutes, startsAt, dueAt, state, reason, changedAt, ...reached };
    });
  }
}

/** Ties the notification of a reminder to it. */
export function reminderKey({ id }: Pick<Reminder, 'id'>): string {
  return `reminder/${id}`;
}

/** Ties the notification of a message to it. */
export function wordKey({ id }: Pick<PatientMessageRow, 'id'>): string {
  return `patient-message/${id}`;
}

/** Ties the notifications of an event to it: each side gets one. */
export function noticeKey({
  appointmentId,
  version,
}: Pick<AppointmentEventRow, 'appointmentId' | 'version'>): string {
  return `appointment/${appointmentId}/${version}`;
}

function recipientFor(reader: SignedIn, role: Side, { deliveredAt, seenAt }: Entry): ToldRecipient {
  return reader.role === 'doctor' ? { role, deliveredAt } : { role, deliveredAt, seenAt };
}
