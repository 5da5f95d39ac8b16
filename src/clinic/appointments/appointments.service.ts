import { Inject, Injectable } from '@nestjs/common';
import { Between, In, type EntityManager, type FindOneOptions } from 'typeorm';
import type { SignedIn } from '../auth/signed-in.js';
import { Refusal } from '../errors.js';
import type { RequestKey } from '../http/idempotency-key.js';
import { assertMatches, type Precondition } from '../http/if-match.js';
import { formatPlace, parsePlace } from '../http/place.js';
import { invalid } from '../http/zod.pipe.js';
import { NotificationService } from '../notifications/notification.service.js';
import { KeptAnswers, type AnyRequest, type Kept } from '../../library/store/kept-answers.js';
import { ownerOf } from '../../library/store/owner.js';
import { Store } from '../../library/store/store.js';
import type { Transaction } from '../../library/store/transaction.js';
import { UsersService, type Person } from '../users/users.service.js';
import { AppointmentCellRow } from './appointment-cell.entity.js';
import { appointmentOf, revivedAppointment, type Appointment } from './appointment.js';
import { AppointmentRow, endOf, type AppointmentColumns } from './appointment.entity.js';
import { AppointmentHistory, noticeKey } from './appointment-history.js';
import { dataOf, noticeGroup, outdatedBy, type AppointmentEvent } from './appointment-event.js';
import { cellMs } from './cell-length.js';
import { assertFree, hold, release } from './cells.js';
import type { Clinic } from './clinic.js';
import { DashboardStats } from './dashboard-stats.js';
import { assertBookable, decideChange, decideStatus, type BookingRules, type Decision } from './decisions.js';
import { assertOwnTime, DoctorTime } from './doctor-time.js';
import { assertNotElsewhere } from './double-booking.js';
import { fieldChanges, type FieldChange } from './field-changes.js';
import type { Slot } from './office-hours.js';
import { APPOINTMENTS_OPTIONS, type AppointmentsOptions } from './options.js';
import { assertMayHave } from './open-bookings.js';
import { assertPace } from './pace.js';
import {
  dropPendingChange,
  pendingChangeOf,
  pendingChangesOf,
  putPendingChange,
  type PendingChange,
} from './pending-changes.js';
import type { AppointmentQuery, Booking, AppointmentChange } from './schemas.js';
import { Reminders } from './reminders.js';
import { holdsTime, mayBecome, openStatuses, type Status } from './status.js';
import { wordingFor, type Actor } from './wording.js';
import type { WallTime } from './zone.js';

/** Books, changes and cancels; patient and doctor are told in the same transaction. */
@Injectable()
export class AppointmentsService {
  constructor(
    private readonly store: Store,
    private readonly answers: KeptAnswers,
    private readonly users: UsersService,
    private readonly notifications: NotificationService,
    private readonly history: AppointmentHistory,
    private readonly reminders: Reminders,
    private readonly dashboard: DashboardStats,
    private readonly time: DoctorTime,
    @Inject(APPOINTMENTS_OPTIONS) private readonly options: AppointmentsOptions,
  ) {}

  /** @throws {Refusal} invalid_request, forbidden, slot_taken, double_booking, too_far_ahead, booking_limit, rate_limited, idempotency_conflict */
  async book(
    actor: SignedIn,
    { confirm, ...booking }: Booking,
    key?: RequestKey,
  ): Promise<Kept<Appointment>> {
    const booked = await this.answers.once(
      requestOf(actor, key),
      (tx) => this.#book(tx, actor, booking, confirm === true ? allowed : assertNotElsewhere),
      revivedAppointment,
    );
    this.dashboard.touch();
    return booked;
  }

  async #book(
    tx: Transaction,
    actor: SignedIn,
    booking: Omit<Booking, 'confirm'>,
    assertMeant: typeof assertNotElsewhere,
  ): Promise<Appointment> {
    const patientId = patientOf(actor, booking);
    if (actor.role === 'doctor' && booking.doctorId !== actor.id)
      throw new Refusal('forbidden', 'Doctors book appointments with themselves.');
    assertBookable(booking, await this.#rulesFor(booking, tx.manager), this.#now());

    const draft = {
      ...booking,
      patientId,
      status: 'booked' as const,
      zone: this.time.zone.name,
      version: 1,
    };
    const people = await this.users.findAll([patientId, booking.doctorId], tx.manager);
    assertRole(people.get(booking.doctorId)?.role === 'doctor', 'doctorId', 'doctor');
    assertRole(people.get(patientId)?.role === 'patient', 'patientId', 'patient');
    await assertFree(tx.manager, draft);
    if (actor.role === 'patient') {
      const { patientEvents } = this.options.limits;
      await assertMayHave(tx.manager, draft, this.options);
      await assertPace(tx.manager, { by: actor.id, perHour: patientEvents, now: this.options.clock.now() });
    }
    await assertMeant(tx.manager, draft);

    const { identifiers } = await tx.manager.insert(AppointmentRow, draft);
    const row = { ...draft, id: (identifiers[0] as { id: number }).id };
    await hold(tx.manager, row);
    await this.reminders.follow(tx, undefined, row);
    const appointment = appointmentOf(row, people);
    const event = { type: 'appointment.created' } as const;
    await this.#record(tx, actor, event, fieldChanges(undefined, row, event), appointment);
    return appointment;
  }

  /** @throws {Refusal} not_found, also for what is another's */
  async find(actor: SignedIn, id: number): Promise<Appointment> {
    const read = this.store.readFor(ownerOf(actor.id));
    const row = await this.#row(actor, id, read);
    const [one] = await this.#shown(actor, [row], read);
    // One row in, one out.
    return one!;
  }

  /** By time; own ones only, operators see all. */
  async list(
    actor: SignedIn,
    query: AppointmentQuery,
  ): Promise<{ items: Appointment[]; next: string | null }> {
    const limit = Math.min(query.limit, this.options.limits.pageItems);
    const after = parsePlace(query.after);
    const read = this.store.readFor(ownerOf(actor.id));
    const rows = read.createQueryBuilder(AppointmentRow, 'a').orderBy({
      'a.startsAt': 'ASC',
      'a.id': 'ASC',
    });
    if (actor.role === 'patient') rows.andWhere('a.patientId = :actor', { actor: actor.id });
    if (actor.role === 'doctor') rows.andWhere('a.doctorId = :actor', { actor: actor.id });
    if (query.from) rows.andWhere('a.startsAt >= :from', { from: query.from.getTime() });
    if (query.to) rows.andWhere('a.startsAt < :to', { to: query.to.getTime() });
    if (query.status) rows.andWhere('a.status in (:...status)', { status: query.status });
    if (after) {
      rows.andWhere('(a.startsAt > :at or (a.startsAt = :at and a.id > :id))', {
        at: after.at.getTime(),
        id: after.id,
      });
    }
    // One more than asked for shows whether there is a next page.
    const found = await rows.limit(limit + 1).getMany();
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      items: await this.#shown(actor, page, read),
      next: found.length > limit && last ? formatPlace({ at: last.startsAt, id: last.id }) : null,
    };
  }

  /**
   * @throws {Refusal} not_found, invalid_request, illegal_transition, slot_taken, double_booking, too_far_ahead,
   * booking_limit, stale_version, rate_limited, idempotency_conflict
   */
  change(
    actor: SignedIn,
    id: number,
    change: AppointmentChange,
    terms: Terms = {},
  ): Promise<Kept<Appointment>> {
    return this.#apply(actor, id, terms, async (row, manager) => {
      const time = {
        doctorId: row.doctorId,
        startsAt: change.startsAt ?? row.startsAt,
        durationMinutes: change.durationMinutes ?? row.durationMinutes,
      };
      return decideChange(row, change, await this.#rulesFor(time, manager), this.#now());
    });
  }

  /**
   * With `undoMs` it is made, and told, when that time has run out.
   * @throws {Refusal} not_found, forbidden, illegal_transition, stale_version, idempotency_conflict
   */
  setStatus(
    actor: SignedIn,
    id: number,
    { status: to, reason = null, undoMs }: NewState,
    terms: Terms = {},
  ): Promise<Kept<Appointment>> {
    return this.#apply(actor, id, { ...terms, undoMs }, (row) => {
      if (actor.role === 'patient' && to !== 'cancelled')
        throw new Refusal('forbidden', 'Patients can cancel; the clinic sets every other status.');
      return decideStatus(row, to, reason);
    });
  }

  /** Takes back a change that waits. @throws {Refusal} not_found: none does; forbidden: it is somebody else's */
  takeBack(actor: SignedIn, id: number): Promise<Appointment> {
    return this.store.write(async (tx) => {
      const row = await this.#row(actor, id, tx.manager, lockedIn(tx.manager));
      const people = await this.users.findAll([row.patientId, row.doctorId], tx.manager);
      const pending = await pendingChangeOf(tx.manager, id);
      if (!pending)
        throw new Refusal('not_found', 'No change waits here: it was made, or taken back, before.');
      if (pending.by !== actor.id)
        throw new Refusal('forbidden', 'Only the one who asked for a change takes it back.');
      await dropPendingChange(tx.manager, id);
      return appointmentOf(row, people);
    }, ownerOf(actor.id));
  }

  /**
   * Makes the change of an appointment that waits, in its author's name. Does nothing where none waits.
   * @param by only one that is to be made by then
   */
  async makePending(id: number, by = Infinity): Promise<void> {
    await this.store.write(async (tx) => {
      const row = await tx.manager.findOne(AppointmentRow, { where: { id }, ...lockedIn(tx.manager) });
      const pending = await pendingChangeOf(tx.manager, id);
      if (!row || !pending || pending.at.getTime() > by) return;
      const people = await this.users.findAll([row.patientId, row.doctorId, pending.by], tx.manager);
      const author = people.get(pending.by);
      await dropPendingChange(tx.manager, id);
      // A node of an older version may have changed it meanwhile: what it was decided upon is gone.
      if (!author || !mayBecome(row.status, pending.status)) return;
      await this.#make(tx, author, row, people, decideStatus(row, pending.status, pending.reason));
    });
    this.dashboard.touch();
  }

  clinic(): Clinic {
    return { zone: this.time.zone.name, lastDay: this.time.horizon.lastDayAt(this.#now()) };
  }

  /** Cells of a day that can be booked. @throws {Refusal} not_found: no such doctor */
  async freeSlots(
    doctorId: number,
    date: Omit<WallTime, 'minuteOfDay'>,
  ): Promise<{ items: Slot[]; zone: string }> {
    const { read, time } = { read: this.store.read, time: this.time };
    await time.assertDoctor(doctorId, read);
    const hours = await time.hoursOf(read, doctorId, {
      startsAt: time.zone.instantOf({ ...date, minuteOfDay: 0 }),
      endsAt: time.zone.instantOf({ ...date, day: date.day + 1, minuteOfDay: 0 }),
    });
    const cells = hours.cellsOn(date);
    const cellOf = (slot: Slot | undefined) => (slot?.startsAt.getTime() ?? 0) / cellMs;
    const held = await read.findBy(AppointmentCellRow, {
      doctorId,
      cell: Between(cellOf(cells.at(0)), cellOf(cells.at(-1))),
    });
    const taken = new Set(held.map(({ cell }) => cell));
    const now = this.#now();
    const horizon = time.horizon.at(now);
    const isBookable = ({ startsAt }: Slot) => startsAt > now && startsAt < horizon;
    return {
      items: cells.filter((slot) => isBookable(slot) && !taken.has(cellOf(slot))),
      zone: time.zone.name,
    };
  }

  /**
   * Those to come that lie outside of the doctor's hours, or in a time off: hours change, appointments stay.
   * @throws {Refusal} forbidden, not_found
   */
  async misplaced(actor: SignedIn, doctorId: number): Promise<Appointment[]> {
    assertOwnTime(actor, doctorId);
    const read = this.store.readFor(ownerOf(actor.id));
    await this.time.assertDoctor(doctorId, read);
    const span = { startsAt: this.#now(), endsAt: this.time.horizon.at(this.#now()) };
    const hours = await this.time.hoursOf(read, doctorId, span);
    const rows = await read.find(AppointmentRow, {
      where: { doctorId, startsAt: Between(span.startsAt, span.endsAt), status: In(openStatuses()) },
      order: { startsAt: 'asc', id: 'asc' },
      take: this.options.limits.misplacedLookedAt,
    });
    const misplaced = rows
      .filter((row) => {
        const slot = { startsAt: row.startsAt, endsAt: endOf(row) };
        return !hours.include(slot) || hours.isAway(slot);
      })
      .slice(0, this.options.limits.pageItems);
    return this.#shown(actor, misplaced, read);
  }

  async #shown(
    reader: Author,
    rows: readonly AppointmentColumns[],
    manager: EntityManager,
  ): Promise<Appointment[]> {
    const people = await this.users.findAll(
      rows.flatMap((row) => [row.patientId, row.doctorId]),
      manager,
    );
    const cancelled = rows.filter(({ status }) => status === 'cancelled').map(({ id }) => id);
    const cancellations = await this.history.cancellations(cancelled, manager);
    const pending = await pendingChangesOf(
      manager,
      rows.map(({ id }) => id),
    );
    return rows.map((row) =>
      appointmentOf(row, people, visibleTo(reader, pending.get(row.id)), cancellations.get(row.id)),
    );
  }

  /** Which times can be booked, as far as one time is concerned. */
  async #rulesFor(
    time: Pick<AppointmentColumns, 'doctorId' | 'startsAt' | 'durationMinutes'>,
    manager: EntityManager,
  ): Promise<BookingRules> {
    const slot = { startsAt: time.startsAt, endsAt: endOf(time) };
    return {
      hours: await this.time.hoursOf(manager, time.doctorId, slot),
      horizon: this.time.horizon,
    };
  }

  #now(): Date {
    return new Date(this.options.clock.now());
  }

  async #apply(
    actor: SignedIn,
    id: number,
    { key, ifMatch, confirm, undoMs = 0 }: Terms,
    decide: Decide,
  ): Promise<Kept<Appointment>> {
    const work =
      (expected: Precondition | undefined) =>
      async (tx: Transaction): Promise<Appointment> => {
        const row = await this.#row(actor, id, tx.manager, lockedIn(tx.manager));
        assertMatches(expected, row.version);
        const people = await this.users.findAll([row.patientId, row.doctorId], tx.manager);
        const waiting = await pendingChangeOf(tx.manager, id);
        const decision = await decide(row, tx.manager);
        if (!decision) return (await this.#shown(actor, [row], tx.manager))[0]!;
        const { status } = decision.fields;
        // An author who asks for the same again means the one that waits.
        if (waiting && (waiting.by !== actor.id || waiting.status !== status)) throw new ChangeWaits(waiting);
        if (status && undoMs > 0) {
          const pending = pendingOf(actor, row, decision.event, new Date(this.options.clock.now() + undoMs));
          await putPendingChange(tx.manager, pending);
          return appointmentOf(row, people, pending);
        }
        if (waiting) await dropPendingChange(tx.manager, id);
        return this.#make(tx, actor, row, people, decision, confirm);
      };
    for (let expected = ifMatch; ;) {
      try {
        const changed = await this.answers.once(requestOf(actor, key), work(expected), revivedAppointment);
        this.dashboard.touch();
        return changed;
      } catch (error) {
        if (!(error instanceof ChangeWaits)) throw error;
        // What was asked for first is made first. Its author knows of it; to others it is a change since they looked.
        await this.makePending(id);
        if (error.pending.by === actor.id) expected = undefined;
      }
    }
  }

  async #make(
    tx: Transaction,
    actor: Author,
    row: AppointmentColumns,
    people: ReadonlyMap<number, Person>,
    decision: Decision,
    confirm = false,
  ): Promise<Appointment> {
    const next = { ...row, ...decision.fields, version: row.version + 1 };
    if (decision.event.type === 'appointment.rescheduled') {
      await assertFree(tx.manager, next, row.id);
      if (!confirm) await assertNotElsewhere(tx.manager, next);
    }
    if (actor.role === 'patient' && takesMore(row, next, this.#now()))
      await assertMayHave(tx.manager, next, this.options);
    if (next.status === row.status) await this.#assertMayChange(tx.manager, actor, row.id);
    const { id, ...fields } = next;
    await tx.manager.update(AppointmentRow, { id }, fields);
    if (decision.event.type === 'appointment.rescheduled' || !holdsTime(next.status))
      await release(tx.manager, id);
    if (decision.event.type === 'appointment.rescheduled') await hold(tx.manager, next);
    await this.reminders.follow(tx, row, next);

    const appointment = appointmentOf(next, people);
    await this.#record(tx, actor, decision.event, fieldChanges(row, next, decision.event), appointment);
    return (await this.#shown(actor, [next], tx.manager))[0]!;
  }

  /**
   * A new status is never refused by this: statuses come to an end by themselves, and a patient who can't come must be able to say so.
   * @throws {Refusal} rate_limited
   */
  async #assertMayChange(manager: EntityManager, actor: Author, appointmentId: number): Promise<void> {
    const { appointmentChanges, patientEvents } = this.options.limits;
    const pace = { by: actor.id, now: this.options.clock.now() };
    await assertPace(manager, { ...pace, appointmentId, perHour: appointmentChanges });
    if (actor.role === 'patient') await assertPace(manager, { ...pace, perHour: patientEvents });
  }

  /** Another's appointment is as if it weren't there: its number says nothing to others. */
  async #row(
    actor: SignedIn,
    id: number,
    manager: EntityManager,
    options: Pick<FindOneOptions, 'lock'> = {},
  ): Promise<AppointmentColumns> {
    const row = await manager.findOne(AppointmentRow, { where: { id }, ...options });
    if (!row || (actor.role !== 'operator' && actor.id !== row.patientId && actor.id !== row.doctorId))
      throw new Refusal('not_found', 'There is no such appointment.');
    return row;
  }

  /** Tells both sides, also the one who acted: their other devices don't know yet. */
  async #record(
    tx: Transaction,
    actor: Author,
    event: AppointmentEvent,
    changes: readonly FieldChange[],
    appointment: Appointment,
  ): Promise<void> {
    const past = { appointmentId: appointment.id, version: appointment.version };
    const { type } = event;
    await this.history.record(tx, {
      ...past,
      at: this.#now(),
      type,
      by: actor.id,
      changes: JSON.stringify(changes),
    });
    const data = dataOf(event, appointment, actor.id);
    const by = sideOf(actor, appointment);
    const people = { patient: appointment.patientId, doctor: appointment.doctorId };
    const languageOf = await this.users.languagesOf(Object.values(people), tx.manager);
    for (const side of ['patient', 'doctor'] as const) {
      const userId = people[side];
      const message = wordingFor({ side, language: languageOf(userId) }, event, appointment, by);
      await this.notifications.sendNotification(userId, message, {
        tx,
        type,
        data,
        dedupeKey: noticeKey(past),
        supersedeKey: noticeGroup(appointment.id, type),
        supersedes: outdatedBy(event).map((other) => noticeGroup(appointment.id, other)),
      });
    }
  }
}

/** What becomes of an appointment; undefined where nothing changes. */
type Decide = (
  row: AppointmentColumns,
  manager: EntityManager,
) => Decision | undefined | Promise<Decision | undefined>;

/** Who makes a change. */
type Author = Pick<SignedIn, 'id' | 'role'>;

/** A status that an appointment is to get. */
export interface NewState extends Pick<Terms, 'undoMs'> {
  readonly status: Status;
  readonly reason?: string | null | undefined;
}

/** A change that was asked for before is to be made first. */
class ChangeWaits extends Error {
  constructor(readonly pending: PendingChange) {
    super(`A change of appointment ${pending.appointmentId} waits`);
  }
}

/** What a client makes sure of before a change is made. */
export interface Terms {
  /** A new status is made only then, ms from now, and can be taken back until it is. */
  readonly undoMs?: number | undefined;
  /** The change was decided upon with this version in view. */
  readonly ifMatch?: Precondition | undefined;
  /** It is made once, however often it is sent. */
  readonly key?: RequestKey | undefined;
  /** The patient is meant to have two appointments at that time. */
  readonly confirm?: boolean | undefined;
}

/** The person who asks has confirmed it. */
async function allowed(): Promise<void> {}

/** Whether a change makes more time of the doctors' days to come the patient's. */
function takesMore(row: AppointmentColumns, next: AppointmentColumns, now: Date): boolean {
  return next.startsAt > now && (row.startsAt <= now || next.durationMinutes > row.durationMinutes);
}

function pendingOf(
  { id: by }: Author,
  { id: appointmentId }: AppointmentColumns,
  event: AppointmentEvent,
  at: Date,
): PendingChange {
  if (!('to' in event)) throw new Error(`${event.type} is no new status`);
  const reason = 'reason' in event ? (event.reason ?? null) : null;
  return { appointmentId, by, status: event.to, reason, at };
}

/** A slip that may still be taken back is nobody else's business: it isn't so yet. */
function visibleTo({ id, role }: Author, pending: PendingChange | undefined): PendingChange | undefined {
  return pending && (role === 'operator' || pending.by === id) ? pending : undefined;
}

function requestOf(actor: SignedIn, key: RequestKey | undefined): AnyRequest {
  return key ? { owner: actor.id, ...key } : { owner: actor.id };
}

/** Patients book for themselves; others say for whom. */
function patientOf(actor: SignedIn, { patientId }: Booking): number {
  if (actor.role === 'patient') {
    if (patientId !== undefined && patientId !== actor.id)
      throw new Refusal('forbidden', 'Patients book for themselves.');
    return actor.id;
  }
  if (patientId === undefined)
    throw invalid([{ path: 'patientId', message: 'must name the patient, unless a patient books' }]);
  return patientId;
}

function assertRole(holds: boolean, path: string, role: string): void {
  if (!holds) throw invalid([{ path, message: `must be the id of a ${role}` }]);
}

/** What is decided upon stays as it is: on PostgreSQL other transactions wait, on SQLite there are none. */
function lockedIn(manager: EntityManager): Pick<FindOneOptions, 'lock'> {
  return manager.connection.options.type === 'postgres' ? { lock: { mode: 'pessimistic_write' } } : {};
}

function sideOf(actor: Author, appointment: Appointment): Actor {
  if (actor.id === appointment.patientId) return 'patient';
  return actor.id === appointment.doctorId ? 'doctor' : 'clinic';
}
