import type { EntityManager } from 'typeorm';
import { listsIn, rowsOf } from '../../library/store/rows.js';
import type { AlertKind } from '../preferences/alert-kinds.js';
import type { OutsideChannel } from './channel.js';

/** One alert on one channel; once it is known where that leads, to one target. */
export interface Delivery {
  readonly id: number;
  readonly notificationId: number;
  readonly userId: number;
  readonly channel: OutsideChannel;
  readonly kind: AlertKind;
  readonly isCritical: boolean;
  readonly topic: string | null;
  /** Null until it was due for the first time. */
  readonly targetId: number | null;
  readonly targetName: string | null;
  readonly state: DeliveryState;
  /** Of a waiting one: why it waits longer. Of one that is over: why it wasn't sent. */
  readonly reason: string | null;
  readonly createdAt: Date;
  readonly dueAt: Date;
  readonly expiresAt: Date;
  readonly attempts: number;
  readonly steps: readonly Step[];
}

/** Where a delivery stands: `waiting` goes on, the others are its ends. */
export type DeliveryState = 'waiting' | 'sent' | 'skipped' | 'failed';

/** What happened to it, for operators. */
export interface Step {
  /** ISO 8601. */
  readonly at: string;
  readonly step: 'planned' | 'held' | 'tried' | 'postponed' | Exclude<DeliveryState, 'waiting'>;
  readonly reason?: string;
  /** Of `shown`: what the browser calls itself that has shown it. */
  readonly device?: string;
}

/** How a delivery goes on. */
export interface Change extends Pick<
  Delivery,
  'id' | 'state' | 'reason' | 'dueAt' | 'attempts' | 'targetId' | 'targetName' | 'steps'
> {}

/** A delivery that begins to wait. */
export type NewDelivery = Omit<Delivery, 'id' | 'state' | 'reason' | 'attempts'>;

/** Adds deliveries that wait. */
export async function addDeliveries(
  manager: EntityManager,
  deliveries: readonly NewDelivery[],
): Promise<void> {
  if (deliveries.length === 0) return;
  await rowsOf(
    manager,
    `insert into delivery (notification_id, user_id, channel, kind, is_critical, topic, target_id, target_name,
       state, created_at, due_at, expires_at, attempts, steps)
     select cast(value->>0 as bigint), cast(value->>1 as bigint), value->>2, value->>3, cast(value->>4 as integer),
       value->>5, cast(value->>6 as bigint), value->>7, 'waiting', cast(value->>8 as bigint),
       cast(value->>9 as bigint), cast(value->>10 as bigint), 0, value->>11
     from ${listsIn(manager, '$1')}`,
    [
      JSON.stringify(
        deliveries.map((one) => [
          ...[one.notificationId, one.userId, one.channel, one.kind, Number(one.isCritical), one.topic],
          ...[one.targetId, one.targetName, +one.createdAt, +one.dueAt, +one.expiresAt],
          JSON.stringify(one.steps),
        ]),
      ),
    ],
  );
}

/** Whether anything is due: the look that costs no write. */
export async function isAnyDue(
  manager: EntityManager,
  { channel, now, notTo = [] }: Pick<Claim, 'channel' | 'now' | 'notTo'>,
): Promise<boolean> {
  const due = await rowsOf(
    manager,
    `select id from delivery where state = 'waiting' and channel = $1 and due_at <= $2 and ${isNoneOf(manager, '$3')} limit 1`,
    [channel, now.getTime(), idsOf(notTo)],
  );
  return due.length > 0;
}

/**
 * Takes some that are due, the oldest first, and counts an attempt. Nobody else takes them before `until`: if this node
 * dies, they are due again then.
 */
export async function claimDue(
  manager: EntityManager,
  { channel, now, until, limit, notTo = [] }: Claim,
): Promise<Delivery[]> {
  const skip = manager.connection.options.type === 'postgres' ? ' for update skip locked' : '';
  const rows = await rowsOf<Row>(
    manager,
    `update delivery set due_at = $1, attempts = attempts + 1
     where id in (
       select id from delivery where state = 'waiting' and channel = $2 and due_at <= $3
         and ${isNoneOf(manager, '$5')}
       order by due_at limit $4${skip})
     returning *`,
    [until.getTime(), channel, now.getTime(), limit, idsOf(notTo)],
  );
  return rows.map(deliveryOf).toSorted((a, b) => a.id - b.id);
}

/** What a node takes: so many of a channel that are due `now`, for itself `until` then. */
export interface Claim {
  readonly channel: OutsideChannel;
  readonly now: Date;
  readonly until: Date;
  readonly limit: number;
  /** But of what goes to these, nothing. Few. */
  readonly notTo?: readonly number[];
}

/** @param parameter such as `$2`: see `idsOf` */
function isNoneOf(manager: EntityManager, parameter: string): string {
  return `user_id not in (select cast(value->>0 as bigint) from ${listsIn(manager, parameter)})`;
}

function idsOf(userIds: readonly number[]): string {
  return JSON.stringify(userIds.map((id) => [id]));
}

/** Writes how several deliveries go on, in one statement. */
export async function changeDeliveries(manager: EntityManager, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return;
  await rowsOf(
    manager,
    `update delivery set state = change.state, reason = change.reason, due_at = change.due_at,
       attempts = change.attempts, target_id = change.target_id, target_name = change.target_name,
       steps = change.steps
     from (select cast(value->>0 as bigint) as id, value->>1 as state, value->>2 as reason,
         cast(value->>3 as bigint) as due_at, cast(value->>4 as integer) as attempts,
         cast(value->>5 as bigint) as target_id, value->>6 as target_name, value->>7 as steps
       from ${listsIn(manager, '$1')}) as change
     where delivery.id = change.id`,
    [
      JSON.stringify(
        changes.map((one) => [
          ...[one.id, one.state, one.reason, +one.dueAt, one.attempts, one.targetId, one.targetName],
          JSON.stringify(one.steps),
        ]),
      ),
    ],
  );
}

/** Which deliveries an operator looks for; without any of it, all. */
export interface DeliveryQuery {
  readonly userId?: number | undefined;
  readonly notificationId?: number | undefined;
  readonly channel?: OutsideChannel | undefined;
  readonly state?: DeliveryState | undefined;
  /** An id: older ones follow. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** The newest first. */
export async function listDeliveries(
  manager: EntityManager,
  { userId, notificationId, channel, state, before, limit }: DeliveryQuery,
): Promise<Delivery[]> {
  const parameters: unknown[] = [];
  const conditions = Object.entries({ user_id: userId, notification_id: notificationId, channel })
    .filter(([, value]) => value !== undefined)
    .map(([column, value]) => `${column} = $${parameters.push(value)}`);
  // Word for word as in the partial indexes, or these aren't used.
  if (state !== undefined) conditions.push(`state = '${state}'`);
  if (before !== undefined) conditions.push(`id < $${parameters.push(before)}`);
  const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
  const rows = await rowsOf<Row>(
    manager,
    `select * from delivery ${where} order by id desc limit $${parameters.push(limit)}`,
    parameters,
  );
  return rows.map(deliveryOf);
}

/** Of some notifications, in the order in which they were planned. */
export async function deliveriesOf(
  manager: EntityManager,
  notificationIds: readonly number[],
): Promise<Delivery[]> {
  const rows = await rowsOf<Row>(
    manager,
    `select * from delivery
     where notification_id in (select cast(value->>0 as bigint) from ${listsIn(manager, '$1')}) order by id`,
    [JSON.stringify(notificationIds.map((id) => [id]))],
  );
  return rows.map(deliveryOf);
}

/** How many of the newest deliveries stand where, and why. */
export interface Tally {
  readonly channel: OutsideChannel;
  readonly state: DeliveryState;
  readonly reason: string | null;
  readonly count: number;
}

/** Counts the newest deliveries. @param limit of those that are looked at */
export async function tallyDeliveries(
  manager: EntityManager,
  limit: number,
): Promise<{ readonly since: Date | null; readonly tallies: readonly Tally[] }> {
  const rows = await rowsOf<Tally & { readonly since: number }>(
    manager,
    `select channel, state, reason, count(*) as count, min(created_at) as since
     from (select channel, state, reason, created_at from delivery order by id desc limit $1) as newest
     group by channel, state, reason order by channel, state, count(*) desc, reason`,
    [limit],
  );
  const since = rows.map((row) => row.since).toSorted((a, b) => a - b)[0];
  return {
    since: since === undefined ? null : new Date(since),
    tallies: rows.map(({ channel, state, reason, count }) => ({ channel, state, reason, count })),
  };
}

/** Takes back what waits for a push of these, unless it is critical: their reader has them in view. */
export async function skipShown(
  manager: EntityManager,
  { userId, sessionId, notificationIds }: ShownIn,
  now: Date,
): Promise<void> {
  const waiting = await rowsOf<Row>(
    manager,
    `select * from delivery where state = 'waiting' and channel = 'push' and is_critical = 0 and user_id = $1
       and notification_id in (select cast(value->>0 as bigint) from ${listsIn(manager, '$2')})`,
    [userId, JSON.stringify(notificationIds.map((id) => [id]))],
  );
  if (waiting.length === 0) return;
  const [login] = await rowsOf<{ device: string | null }>(
    manager,
    'select device from login_session where id = $1',
    [sessionId],
  );
  const by = login?.device ?? undefined;
  const changes = waiting.map(deliveryOf).map((one) => over(one, 'skipped', 'shown', now, by));
  await changeDeliveries(manager, changes);
}

/** What a page has shown, and the login that it lives on. */
export interface ShownIn {
  readonly userId: number;
  readonly sessionId: string;
  readonly notificationIds: readonly number[];
}

/** Lets somebody's held deliveries be judged again: their quiet hours have changed. */
export async function wakeHeld(manager: EntityManager, userId: number, now: Date): Promise<void> {
  await rowsOf(
    manager,
    `update delivery set due_at = $1 where state = 'waiting' and user_id = $2 and reason = '${QUIET}'`,
    [now.getTime(), userId],
  );
}

/** Why a held one waits. */
export const QUIET = 'quiet_hours';

/** It goes no further. */
export function over(
  delivery: Delivery,
  state: Exclude<DeliveryState, 'waiting'>,
  reason: string | null,
  now: Date,
  device?: string,
): Change {
  const step = {
    at: now.toISOString(),
    step: state,
    ...(reason !== null && { reason }),
    ...(device !== undefined && { device }),
  };
  return { ...delivery, state, reason, steps: [...delivery.steps, step] };
}

/** Steps that are kept of one delivery; in between, some are left out. */
const KEPT_STEPS = 20;

/** It waits on. */
export function waits(
  delivery: Delivery,
  step: 'held' | 'tried' | 'postponed',
  reason: string,
  dueAt: Date,
  now: Date,
): Change {
  const steps = [...delivery.steps, { at: now.toISOString(), step, reason }];
  const kept = steps.length <= KEPT_STEPS ? steps : [...steps.slice(0, 2), ...steps.slice(2 - KEPT_STEPS)];
  const attempts = step === 'tried' ? delivery.attempts : delivery.attempts - 1;
  return { ...delivery, state: 'waiting', reason, dueAt, attempts, steps: kept };
}

interface Row {
  readonly id: number;
  readonly notification_id: number;
  readonly user_id: number;
  readonly channel: OutsideChannel;
  readonly kind: AlertKind;
  readonly is_critical: number;
  readonly topic: string | null;
  readonly target_id: number | null;
  readonly target_name: string | null;
  readonly state: DeliveryState;
  readonly reason: string | null;
  readonly created_at: number;
  readonly due_at: number;
  readonly expires_at: number;
  readonly attempts: number;
  readonly steps: string;
}

function deliveryOf(row: Row): Delivery {
  return {
    id: row.id,
    notificationId: row.notification_id,
    userId: row.user_id,
    channel: row.channel,
    kind: row.kind,
    isCritical: row.is_critical === 1,
    topic: row.topic,
    targetId: row.target_id,
    targetName: row.target_name,
    state: row.state,
    reason: row.reason,
    createdAt: new Date(row.created_at),
    dueAt: new Date(row.due_at),
    expiresAt: new Date(row.expires_at),
    attempts: row.attempts,
    steps: JSON.parse(row.steps) as Step[],
  };
}
