import { isDeepStrictEqual } from 'node:util';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { In } from 'typeorm';
import { formatPlace, parsePlace } from '../http/place.js';
import { NotificationService } from '../notifications/notification.service.js';
import { Refusal } from '../../library/errors.js';
import { Schedule } from '../../library/store/schedule.js';
import { Store } from '../../library/store/store.js';
import type { Transaction } from '../../library/store/transaction.js';
import { PreferencesService } from '../preferences/preferences.service.js';
import { UsersService } from '../users/users.service.js';
import type { Language } from '../words/language.js';
import { appointmentOf, type Appointment } from './appointment.js';
import { reminderKey } from './appointment-history.js';
import { AppointmentRow, type AppointmentColumns } from './appointment.entity.js';
import { noticeGroup } from './appointment-event.js';
import { APPOINTMENTS_OPTIONS, type AppointmentsOptions } from './options.js';
import { fateOf, isAhead, plan, type DueReminder, type Fate, type Reminder } from './reminder.js';
import {
  appointmentsAhead,
  claimReminders,
  dueReminders,
  insertReminders,
  listReminders,
  lockWishes,
  settleReminders,
  withdrawReminders,
  withdrawUnwanted,
  type ReminderClaim,
} from './reminder-table.js';
import type { RemindersQuery } from './schemas.js';
import { reminderFor } from './wording.js';

/**
 * Reminds people of their appointments: once each, never of a time that isn't so any more.
 *
 * What is to be said is written in the transaction that books, moves or cancels. Every node looks for what is due; what
 * it claims, it sends and settles in one transaction, so that a node that is killed has done all of it or nothing.
 */
@Injectable()
export class Reminders implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger(Reminders.name);
  readonly #schedule: Schedule;
  readonly #settled = new Map<Fate['state'], number>();
  #lagMs = 0;

  constructor(
    private readonly store: Store,
    private readonly users: UsersService,
    private readonly notifications: NotificationService,
    private readonly preferences: PreferencesService,
    @Inject(APPOINTMENTS_OPTIONS) private readonly options: AppointmentsOptions,
  ) {
    this.#schedule = new Schedule(
      {
        work: () => this.sendDue(),
        everyMs: options.limits.dueEveryMs,
        failed: (error) =>
          this.#logger.error('Reminders could not be sent; it is tried until they can', error),
      },
      options.clock,
    );
  }

  onApplicationBootstrap(): void {
    this.preferences.onChange(async (tx, { userId, before, after }) => {
      if (!isDeepStrictEqual(before.reminderOffsets, after.reminderOffsets))
        await this.#replan(tx, userId, after.reminderOffsets);
    });
    this.#schedule.startNow();
  }

  onApplicationShutdown(): void {
    this.#schedule.stop();
  }

  /** How many this node has brought into each state, and how late the last one was. */
  get stats(): { readonly settled: ReadonlyMap<Fate['state'], number>; readonly lagMs: number } {
    return { settled: this.#settled, lagMs: this.#lagMs };
  }

  /**
   * Plans anew what an appointment's people are to be reminded of, in the transaction that changes it.
   * @param before undefined where it is booked
   */
  async follow(
    { manager }: Transaction,
    before: AppointmentColumns | undefined,
    after: AppointmentColumns,
  ): Promise<void> {
    const now = this.options.clock.now();
    const { id: appointmentId, startsAt, status } = after;
    const wasAhead = before !== undefined && isAhead(before);
    const isMoved = before?.startsAt.getTime() !== startsAt.getTime();
    if (isAhead(after) ? wasAhead && !isMoved : !wasAhead) return;

    const people = [after.patientId, after.doctorId];
    await lockWishes(manager, people, 'shared');
    if (!isAhead(after)) return withdrawReminders(manager, { appointmentId, reason: status }, now);
    if (wasAhead) await withdrawReminders(manager, { appointmentId, except: startsAt, reason: 'moved' }, now);
    const wishes = await this.preferences.findAll(people, manager);
    const offsets = new Map(people.map((id) => [id, wishes(id).reminderOffsets]));
    await insertReminders(manager, plan(after, offsets, now), now);
  }

  /** Somebody wants to be reminded at other times: what isn't due yet is planned anew. */
  async #replan({ manager }: Transaction, userId: number, offsets: readonly number[]): Promise<void> {
    const now = this.options.clock.now();
    await lockWishes(manager, [userId], 'alone');
    await withdrawUnwanted(manager, userId, offsets, now);
    const wishes = new Map([[userId, offsets]]);
    const ahead = await appointmentsAhead(manager, userId, now);
    const reminders = ahead.flatMap((appointment) => plan(appointment, wishes, now));
    // What would have been due before isn't late: nobody wanted it then.
    const planned = reminders.filter(({ state }) => state === 'planned');
    await insertReminders(manager, planned, now);
  }

  /** A page of those in a state. @throws {Refusal} invalid_request: `after` is no place of this list */
  async list({
    state,
    recipientId,
    after,
    ...query
  }: RemindersQuery): Promise<{ items: ListedReminder[]; next: string | null }> {
    const limit = Math.min(query.limit, this.options.limits.pageItems);
    const place = parsePlace(after);
    // One more than asked for shows whether there is a next page.
    const found = await listReminders(this.store.read, {
      state,
      recipientId,
      limit: limit + 1,
      after: place && [place.at.getTime(), place.id],
    });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const at = state === 'planned' ? last?.dueAt : last?.changedAt;
    const people = await this.users.findAll(items.map((one) => one.recipientId));
    return {
      items: items.map((one) => ({ ...one, recipientName: people.get(one.recipientId)?.name ?? '' })),
      next: found.length > limit && last && at ? formatPlace({ at, id: last.id }) : null,
    };
  }

  /** Sends all that is due, in small units of work: others have their turns between two of them. */
  async sendDue(): Promise<void> {
    const { store, options } = this;
    const limit = options.limits.reminderBatch;
    while (!this.#schedule.isStopped && (await dueReminders(store.read, options.clock.now(), 1)).length > 0)
      // Where nothing can be claimed, another node is at the rest.
      if ((await this.#sendOrFail({ now: options.clock.now(), limit })) === 0) return;
  }

  /** Where one can't be written, the others of its unit are tried alone, so that it stops nobody else's. */
  async #sendOrFail(claim: ReminderClaim): Promise<number> {
    try {
      return await this.#send(claim);
    } catch (error) {
      if (isOutage(error)) throw error;
      if (claim.only !== undefined) return this.#fail(claim.only, error);
      const due = await dueReminders(this.store.read, claim.now, claim.limit);
      for (const only of due) await this.#sendOrFail({ ...claim, only });
      return due.length;
    }
  }

  async #send(claim: ReminderClaim): Promise<number> {
    const fates = await this.store.write(async (tx) => {
      const due = await claimReminders(tx.manager, claim);
      if (due.length === 0) return [];
      const appointments = await this.#appointmentsOf(tx, due);
      const fates = due.map((one) => {
        const appointment = appointments.get(one.appointmentId);
        // The rows of an appointment that is gone went with it.
        if (!appointment) throw new Error(`There is no appointment ${one.appointmentId}`);
        const noticeMs = this.options.limits.reminderNoticeMs;
        return { one, appointment, fate: fateOf(one, appointment, { now: claim.now, noticeMs }) };
      });
      const languageOf = await this.users.languagesOf(
        due.map(({ recipientId }) => recipientId),
        tx.manager,
      );
      for (const { one, appointment, fate } of fates)
        if (fate.state === 'sent') await this.#tell(tx, one, appointment, languageOf(one.recipientId));
      await settleReminders(tx.manager, new Map(fates.map(({ one, fate }) => [one.id, fate])), claim.now);
      return fates;
    });
    for (const { one, fate } of fates) {
      this.#settled.set(fate.state, (this.#settled.get(fate.state) ?? 0) + 1);
      this.#lagMs = Math.max(0, claim.now - one.dueAt.getTime());
    }
    return fates.length;
  }

  async #fail(id: number, error: unknown): Promise<number> {
    this.#logger.error(`Reminder ${id} can't be sent and is skipped`, error);
    const fate = { state: 'skipped', reason: 'failed' } as const;
    await this.store.write(({ manager }) =>
      settleReminders(manager, new Map([[id, fate]]), this.options.clock.now()),
    );
    this.#settled.set('skipped', (this.#settled.get('skipped') ?? 0) + 1);
    return 1;
  }

  async #appointmentsOf(
    { manager }: Transaction,
    due: readonly DueReminder[],
  ): Promise<ReadonlyMap<number, Appointment>> {
    const ids = [...new Set(due.map(({ appointmentId }) => appointmentId))];
    const rows = await manager.findBy(AppointmentRow, { id: In(ids) });
    const people = await this.users.findAll(
      rows.flatMap(({ patientId, doctorId }) => [patientId, doctorId]),
      manager,
    );
    return new Map(rows.map((row) => [row.id, appointmentOf(row, people)]));
  }

  async #tell(
    tx: Transaction,
    due: DueReminder,
    appointment: Appointment,
    language: Language,
  ): Promise<void> {
    const side = due.recipientId === appointment.patientId ? 'patient' : 'doctor';
    const { id: appointmentId, startsAt } = appointment;
    const message = reminderFor({ side, language }, appointment);
    await this.notifications.sendNotification(due.recipientId, message, {
      tx,
      type: 'appointment.reminder',
      data: { appointmentId, startsAt: startsAt.toISOString(), offsetMinutes: due.offsetMinutes },
      dedupeKey: reminderKey(due),
      supersedeKey: noticeGroup(appointmentId, 'appointment.reminder'),
    });
  }
}

/** A reminder as operators see it. */
export interface ListedReminder extends Reminder {
  readonly recipientName: string;
}

/** Everybody's trouble, and no reminder's. */
function isOutage(error: unknown): boolean {
  return error instanceof Refusal && error.code === 'unavailable';
}
