import type { EntityManager } from 'typeorm';
import { listsIn, rowsOf } from '../../library/store/rows.js';
import type { Status } from './status.js';

/** A new status that is made when its time has run out, unless it is taken back. */
export interface PendingChange {
  readonly appointmentId: number;
  /** The id of the user who wants it. */
  readonly by: number;
  readonly status: Status;
  readonly reason: string | null;
  /** When it is made. */
  readonly at: Date;
}

/** In place of the one that waits already, if there is one. */
export async function putPendingChange(manager: EntityManager, change: PendingChange): Promise<void> {
  await rowsOf(
    manager,
    `insert into pending_change (appointment_id, by_id, status, reason, due_at) values ($1, $2, $3, $4, $5)
     on conflict (appointment_id) do update
     set by_id = excluded.by_id, status = excluded.status, reason = excluded.reason, due_at = excluded.due_at`,
    [change.appointmentId, change.by, change.status, change.reason, change.at.getTime()],
  );
}

/** The one that waits, if there is one, waits no more. */
export async function dropPendingChange(manager: EntityManager, appointmentId: number): Promise<void> {
  await rowsOf(manager, 'delete from pending_change where appointment_id = $1', [appointmentId]);
}

/** What waits for an appointment; undefined where nothing does. */
export async function pendingChangeOf(
  manager: EntityManager,
  appointmentId: number,
): Promise<PendingChange | undefined> {
  return (await pendingChangesOf(manager, [appointmentId])).get(appointmentId);
}

/** What waits for which of these appointments. */
export async function pendingChangesOf(
  manager: EntityManager,
  appointmentIds: readonly number[],
): Promise<ReadonlyMap<number, PendingChange>> {
  if (appointmentIds.length === 0) return new Map();
  const rows = await rowsOf<Row>(
    manager,
    `select ${COLUMNS} from pending_change
     where appointment_id in (select cast(value->>0 as bigint) from ${listsIn(manager, '$1')})`,
    [JSON.stringify(appointmentIds.map((id) => [id]))],
  );
  return new Map(rows.map((row) => [row.appointment_id, changeOf(row)]));
}

/** Appointments whose changes are to be made by now, the longest due first. */
export async function duePendingChanges(manager: EntityManager, now: number): Promise<number[]> {
  const rows = await rowsOf<Pick<Row, 'appointment_id'>>(
    manager,
    'select appointment_id from pending_change where due_at <= $1 order by due_at limit 100',
    [now],
  );
  return rows.map(({ appointment_id }) => appointment_id);
}

interface Row {
  readonly appointment_id: number;
  readonly by_id: number;
  readonly status: Status;
  readonly reason: string | null;
  readonly due_at: number;
}

const COLUMNS = 'appointment_id, by_id, status, reason, due_at';

function changeOf(row: Row): PendingChange {
  return {
    appointmentId: row.appointment_id,
    by: row.by_id,
    status: row.status,
    reason: row.reason,
    at: new Date(row.due_at),
  };
}
