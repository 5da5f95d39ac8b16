import { Inject, Injectable } from '@nestjs/common';
import { MoreThan, type EntityManager } from 'typeorm';
import type { SignedIn } from '../auth/signed-in.js';
import { Refusal } from '../errors.js';
import type { RequestKey } from '../http/idempotency-key.js';
import { assertMatches, type Precondition } from '../http/if-match.js';
import { invalid } from '../http/zod.pipe.js';
import { KeptAnswers, type AnyRequest, type Kept } from '../../library/store/kept-answers.js';
import { ownerOf } from '../../library/store/owner.js';
import { rowsOf } from '../../library/store/rows.js';
import { Store } from '../../library/store/store.js';
import { UsersService } from '../users/users.service.js';
import { DoctorHoursRow } from './doctor-hours.entity.js';
import { Horizon } from './horizon.js';
import { OfficeHours, type Slot } from './office-hours.js';
import { APPOINTMENTS_OPTIONS, type AppointmentsOptions } from './options.js';
import type { NewTimeOff, TimesOffQuery } from './schemas.js';
import { TimeOffRow } from './time-off.entity.js';
import { usualWeek, type Week } from './week.js';
import { Zone } from './zone.js';

/** A doctor's week, as the API shows it. */
export interface WorkingHours {
  readonly items: Week;
  readonly zone: string;
  /** The ETag without its quotes; 0 where nobody has said anything, and the clinic's usual hours hold. */
  readonly version: number;
}

/** A span in which a doctor takes no patients. */
export type TimeOff = Pick<TimeOffRow, 'id' | 'startsAt' | 'endsAt' | 'note'>;

/** When doctors see patients and when they are away: what they and the operators say, and what follows for bookings. */
@Injectable()
export class DoctorTime {
  readonly zone: Zone;
  readonly horizon: Horizon;

  constructor(
    private readonly store: Store,
    private readonly answers: KeptAnswers,
    private readonly users: UsersService,
    @Inject(APPOINTMENTS_OPTIONS) private readonly options: AppointmentsOptions,
  ) {
    this.zone = new Zone(options.clinicZone);
    this.horizon = new Horizon(this.zone, options.limits.bookingDays);
  }

  /** The hours that hold for a span of time, such as a day. */
  async hoursOf(manager: EntityManager, doctorId: number, span: Slot): Promise<OfficeHours> {
    const { items } = await this.#weekOf(manager, doctorId);
    return new OfficeHours(this.zone, items, await this.#timesOff(manager, doctorId, span));
  }

  /** @throws {Refusal} not_found: no such doctor */
  async week(doctorId: number): Promise<WorkingHours> {
    await this.assertDoctor(doctorId, this.store.read);
    return this.#weekOf(this.store.read, doctorId);
  }

  /**
   * Sets a doctor's week. Appointments that are there stay, whatever it says.
   * @throws {Refusal} forbidden, not_found, stale_version
   */
  async setWeek(
    actor: SignedIn,
    doctorId: number,
    week: Week,
    ifMatch?: Precondition,
  ): Promise<WorkingHours> {
    assertOwnTime(actor, doctorId);
    return this.store.write(async ({ manager }) => {
      await this.assertDoctor(doctorId, manager);
      const { version } = await this.#weekOf(manager, doctorId);
      assertMatches(ifMatch, version);
      const [set] = await rowsOf<{ version: number }>(
        manager,
        `insert into doctor_hours (doctor_id, week, version) values ($1, $2, 1)
         on conflict (doctor_id) do update set week = excluded.week, version = doctor_hours.version + 1
         returning version`,
        [doctorId, JSON.stringify(week)],
      );
      // On PostgreSQL somebody else may have been between the two statements.
      assertMatches(ifMatch, (set?.version ?? 1) - 1);
      return { items: week, zone: this.zone.name, version: set?.version ?? 1 };
    }, ownerOf(actor.id));
  }

  /** Those that aren't over, or those of a span, by time. @throws {Refusal} forbidden, not_found */
  async timesOff(actor: SignedIn, doctorId: number, { from, to }: TimesOffQuery): Promise<TimeOff[]> {
    assertOwnTime(actor, doctorId);
    const read = this.store.readFor(ownerOf(actor.id));
    await this.assertDoctor(doctorId, read);
    return this.#timesOff(read, doctorId, { startsAt: from ?? this.#now, endsAt: to ?? END_OF_TIME });
  }

  /**
   * Blocks a time. Appointments in it stay.
   * @throws {Refusal} invalid_request: it is over already; forbidden, not_found, time_off_limit, idempotency_conflict
   */
  addTimeOff(
    actor: SignedIn,
    doctorId: number,
    timeOff: NewTimeOff,
    key?: RequestKey,
  ): Promise<Kept<TimeOff>> {
    assertOwnTime(actor, doctorId);
    const request: AnyRequest = key ? { owner: actor.id, ...key } : { owner: actor.id };
    const work = async ({ manager }: { readonly manager: EntityManager }): Promise<TimeOff> => {
      await this.assertDoctor(doctorId, manager);
      if (timeOff.endsAt <= this.#now) throw invalid([{ path: 'endsAt', message: 'must be in the future' }]);
      const toCome = await manager.countBy(TimeOffRow, { doctorId, endsAt: MoreThan(this.#now) });
      if (toCome >= this.options.limits.timesOff) throw tooMany(this.options.limits.timesOff);
      const { identifiers } = await manager.insert(TimeOffRow, { ...timeOff, doctorId });
      return { id: (identifiers[0] as { id: number }).id, ...timeOff };
    };
    return this.answers.once(request, work, revivedTimeOff);
  }

  /** Gives a blocked time back. @throws {Refusal} forbidden, not_found */
  async removeTimeOff(actor: SignedIn, doctorId: number, id: number): Promise<void> {
    assertOwnTime(actor, doctorId);
    const { affected } = await this.store.write(
      ({ manager }) => manager.delete(TimeOffRow, { id, doctorId }),
      ownerOf(actor.id),
    );
    if (affected === 0) throw new Refusal('not_found', 'There is no such time off.');
  }

  /** @throws {Refusal} not_found */
  async assertDoctor(id: number, manager: EntityManager): Promise<void> {
    if ((await this.users.find(id, manager))?.role !== 'doctor')
      throw new Refusal('not_found', 'There is no such doctor.');
  }

  get #now(): Date {
    return new Date(this.options.clock.now());
  }

  async #weekOf(manager: EntityManager, doctorId: number): Promise<WorkingHours> {
    const row = await manager.findOneBy(DoctorHoursRow, { doctorId });
    return {
      items: row ? (JSON.parse(row.week) as Week) : usualWeek,
      zone: this.zone.name,
      version: row?.version ?? 0,
    };
  }

  #timesOff(manager: EntityManager, doctorId: number, { startsAt, endsAt }: Slot): Promise<TimeOff[]> {
    return manager
      .createQueryBuilder(TimeOffRow, 'off')
      .select(['off.id', 'off.startsAt', 'off.endsAt', 'off.note'])
      .where('off.doctorId = :doctorId', { doctorId })
      .andWhere('off.endsAt > :from', { from: startsAt.getTime() })
      .andWhere('off.startsAt < :to', { to: endsAt.getTime() })
      .orderBy({ 'off.startsAt': 'ASC', 'off.id': 'ASC' })
      .limit(this.options.limits.timesOff)
      .getMany();
  }
}

/** Doctors say when they are there, and operators for all of them. @throws {Refusal} forbidden */
export function assertOwnTime(actor: SignedIn, doctorId: number): void {
  if (actor.role !== 'operator' && actor.id !== doctorId)
    throw new Refusal('forbidden', 'This is the doctor’s own time; operators set it for others.');
}

function revivedTimeOff(json: unknown): TimeOff {
  const { startsAt, endsAt, ...rest } = json as Omit<TimeOff, 'startsAt' | 'endsAt'> &
    Record<'startsAt' | 'endsAt', string>;
  return { ...rest, startsAt: new Date(startsAt), endsAt: new Date(endsAt) };
}

function tooMany(timesOff: number): Refusal {
  return new Refusal(
    'time_off_limit',
    `A doctor may have ${timesOff} blocked times to come; make one long one of several.`,
  );
}

/** Later than all that is kept. */
const END_OF_TIME = new Date(8.64e15);
