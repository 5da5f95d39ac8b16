import type { EntityManager } from 'typeorm';
import { listsIn, rowsOf } from '../../library/store/rows.js';
import type { DueReminder, Fate, NewReminder, Reminder, ReminderState } from './reminder.js';

/** A withdrawn one is planned again where an appointment was moved away and back, or its recipient wants it again. */
export async function insertReminders(
  manager: EntityManager,
  reminders: readonly NewReminder[],
  now: number,
): Promise<void> {
  if (reminders.length === 0) return;
  const rows = reminders.map((one) => [
    one.appointmentId,
    one.recipientId,
    one.offsetMinutes,
    one.startsAt.getTime(),
    one.dueAt.getTime(),
    one.state,
    one.state === 'skipped' ? one.reason : null,
  ]);
  await rowsOf(
    manager,
    `insert into reminder
       (appointment_id, recipient_id, offset_minutes, starts_at, due_at, state, reason, changed_at)
     select cast(value->>0 as bigint), cast(value->>1 as bigint), cast(value->>2 as integer),
       cast(value->>3 as bigint), cast(value->>4 as bigint), value->>5, value->>6, cast($1 as bigint)
     from ${listsIn(manager, '$2')} where true
     on conflict (appointment_id, starts_at, recipient_id, offset_minutes) do update
     set state = excluded.state, reason = excluded.reason, changed_at = excluded.changed_at
     where reminder.state = 'withdrawn' and excluded.state = 'planned'`,
    [now, JSON.stringify(rows)],
  );
}

/** Withdraws what isn't sent yet, of all starts but one. @param reason of the withdrawal */
export async function withdrawReminders(
  manager: EntityManager,
  { appointmentId, except, reason }: { appointmentId: number; except?: Date; reason: string },
  now: number,
): Promise<void> {
  await rowsOf(
    manager,
    `update reminder set state = 'withdrawn', reason = $1, changed_at = $2
     where appointment_id = $3 and state = 'planned' and starts_at <> $4`,
    [reason, now, appointmentId, except?.getTime() ?? 0],
  );
}

/**
 * On PostgreSQL, those who plan by what somebody wants and those who change it wait for each other, or what is planned
 * meanwhile would be by the old wish. Until the end of the transaction.
 */
export async function lockWishes(
  manager: EntityManager,
  userIds: readonly number[],
  how: 'shared' | 'alone',
): Promise<void> {
  if (manager.connection.options.type !== 'postgres') return;
  const lock = how === 'shared' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock';
  // In one order, so that no two transactions wait for each other.
  for (const id of userIds.toSorted((a, b) => a - b))
    await rowsOf(manager, `select ${lock}(hashtextextended($1, 0))`, [`reminders of ${id}`]);
}

/** Withdraws what somebody is to be told at other times than they want. */
export async function withdrawUnwanted(
  manager: EntityManager,
  recipientId: number,
  offsets: readonly number[],
  now: number,
): Promise<void> {
  await rowsOf(
    manager,
    `update reminder set state = 'withdrawn', reason = 'unwanted', changed_at = $1
     where recipient_id = $2 and state = 'planned' and offset_minutes not in
       (select cast(value->>0 as integer) from ${listsIn(manager, '$3')})`,
    [now, recipientId, JSON.stringify(offsets.map((minutes) => [minutes]))],
  );
}

/** Booked appointments to come of a patient, or a doctor. */
export async function appointmentsAhead(
  manager: EntityManager,
  userId: number,
  now: number,
): Promise<{ id: number; startsAt: Date }[]> {
  const rows = await rowsOf<{ id: number; starts_at: number }>(
    manager,
    `select id, starts_at from appointment where patient_id = $1 and starts_at > $2 and status = 'booked'
     union all
     select id, starts_at from appointment where doctor_id = $3 and starts_at > $4 and status = 'booked'`,
    [userId, now, userId, now],
  );
  return rows.map(({ id, starts_at }) => ({ id, startsAt: new Date(starts_at) }));
}

/** So many of those that are due, the longest due first. It is asked again and again, and takes no place from those who write. */
export async function dueReminders(manager: EntityManager, now: number, limit: number): Promise<number[]> {
  const sql = `select id from reminder where state = 'planned' and due_at <= $1 order by due_at, id limit $2`;
  return (await rowsOf<{ id: number }>(manager, sql, [now, limit])).map(({ id }) => id);
}

/** Which of those that are due: so many of the longest due, or one. */
export interface ReminderClaim {
  readonly now: number;
  readonly limit: number;
  readonly only?: number;
}

/** The longest due first. On PostgreSQL they are this transaction's until it ends, and others take the next ones. */
export async function claimReminders(
  manager: EntityManager,
  { now, limit, only }: ReminderClaim,
): Promise<DueReminder[]> {
  const lock = manager.connection.options.type === 'postgres' ? 'for update skip locked' : '';
  const rows = await rowsOf<DueRow>(
    manager,
    `select id, appointment_id, recipient_id, offset_minutes, starts_at, due_at,
       exists (select 1 from reminder as nearer
         where nearer.appointment_id = reminder.appointment_id and nearer.starts_at = reminder.starts_at
           and nearer.recipient_id = reminder.recipient_id and nearer.offset_minutes < reminder.offset_minutes
           and nearer.due_at <= $1 and nearer.state in ('planned', 'sent')) as is_overtaken
     from reminder
     where state = 'planned' and due_at <= $2 ${only === undefined ? '' : 'and id = $3'}
     order by due_at, id limit ${only === undefined ? '$3' : '$4'} ${lock}`,
    [now, now, ...(only === undefined ? [] : [only]), limit],
  );
  return rows.map((row) => ({
    id: row.id,
    appointmentId: row.appointment_id,
    recipientId: row.recipient_id,
    offsetMinutes: row.offset_minutes,
    startsAt: new Date(row.starts_at),
    dueAt: new Date(row.due_at),
    isOvertaken: Boolean(row.is_overtaken),
  }));
}

/** What became of reminders, by their ids; what another node has settled meanwhile stays. */
export async function settleReminders(
  manager: EntityManager,
  fates: ReadonlyMap<number, Fate>,
  now: number,
): Promise<void> {
  const rows = [...fates].map(([id, fate]) => [id, fate.state, 'reason' in fate ? fate.reason : null]);
  await rowsOf(
    manager,
    `update reminder set state = fate.state, reason = fate.reason, changed_at = $1
     from (select cast(value->>0 as bigint) as id, value->>1 as state, value->>2 as reason
           from ${listsIn(manager, '$2')}) as fate
     where reminder.id = fate.id and reminder.state = 'planned'`,
    [now, JSON.stringify(rows)],
  );
}

/** A page of those in a state. */
export interface ReminderPage {
  readonly state: ReminderState;
  readonly recipientId?: number | undefined;
  /** In ms and the id: what comes after this place. */
  readonly after?: readonly [at: number, id: number] | undefined;
  readonly limit: number;
}

/** What is planned by when it is due, the soonest first; the others by when they came into their state, the latest first. */
export async function listReminders(
  manager: EntityManager,
  { state, recipientId, after, limit }: ReminderPage,
): Promise<Reminder[]> {
  // Word for word as in the partial indexes, or these aren't used.
  const [at, order, beyond, where] =
    state === 'planned'
      ? ['due_at', 'asc', '>', "state = 'planned'"]
      : ['changed_at', 'desc', '<', "state <> 'planned' and state = $1"];
  const parameters: unknown[] = state === 'planned' ? [] : [state];
  const bind = (value: unknown) => `$${parameters.push(value)}`;
  const whose = recipientId === undefined ? '' : `and recipient_id = ${bind(recipientId)}`;
  const place = after
    ? `and (${at} ${beyond} ${bind(after[0])} or (${at} = ${bind(after[0])} and id ${beyond} ${bind(after[1])}))`
    : '';
  const rows = await rowsOf<ReminderRow>(
    manager,
    `select ${COLUMNS} from reminder where ${where} ${whose} ${place} order by ${at} ${order}, id ${order} limit ${bind(limit)}`,
    parameters,
  );
  return rows.map(reminderOf);
}

/** Those of an appointment, in the order in which they are due. */
export async function remindersOf(manager: EntityManager, appointmentId: number): Promise<Reminder[]> {
  const rows = await rowsOf<ReminderRow>(
    manager,
    `select ${COLUMNS} from reminder where appointment_id = $1 order by due_at, id`,
    [appointmentId],
  );
  return rows.map(reminderOf);
}

interface ReminderRow {
  readonly id: number;
  readonly appointment_id: number;
  readonly recipient_id: number;
  readonly offset_minutes: number;
  readonly starts_at: number;
  readonly due_at: number;
  readonly state: ReminderState;
  readonly reason: string | null;
  readonly changed_at: number;
}

const COLUMNS =
  'id, appointment_id, recipient_id, offset_minutes, starts_at, due_at, state, reason, changed_at';

function reminderOf(row: ReminderRow): Reminder {
  return {
    id: row.id,
    appointmentId: row.appointment_id,
    recipientId: row.recipient_id,
    offsetMinutes: row.offset_minutes,
    startsAt: new Date(row.starts_at),
    dueAt: new Date(row.due_at),
    state: row.state,
    reason: row.reason,
    changedAt: new Date(row.changed_at),
  };
}

type DueRow = Omit<ReminderRow, 'state' | 'reason' | 'changed_at'> & {
  /** SQLite has no booleans. */
  readonly is_overtaken: boolean | number;
};
