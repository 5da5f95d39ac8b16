import { createHash } from 'node:crypto';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Refusal } from '../errors.js';
import { ownerOf } from '../../library/store/owner.js';
import { listsIn, rowsOf } from '../../library/store/rows.js';
import { Schedule } from '../../library/store/schedule.js';
import { Store } from '../../library/store/store.js';
import { sweep } from '../../library/store/sweep.js';
import type { SignedIn } from '../auth/signed-in.js';
import type { Target } from './channel.js';
import { DELIVERY_OPTIONS, type DeliveryOptions } from './options.js';
import type { AllDevices, NewDevice } from './schemas.js';

/** A browser that takes pushes for a person. */
export interface PushDevice extends Target {
  readonly userId: number;
  /** The endpoint at its push service: anybody who knows it can write there. */
  readonly url: string;
  readonly p256dh: string;
  readonly auth: string;
  readonly createdAt: Date;
}

/** The browsers that take pushes, each for the one person who used it last. A login takes its own with it. */
@Injectable()
export class PushDevices implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #sweeping: Schedule;

  constructor(
    private readonly store: Store,
    @Inject(DELIVERY_OPTIONS) private readonly options: DeliveryOptions,
  ) {
    const logger = new Logger(PushDevices.name);
    this.#sweeping = new Schedule({
      work: () => sweep(store, 'push devices', removeSignedOut),
      everyMs: options.limits.pushSweepMs,
      failed: (error) => logger.error('Could not remove devices of ended logins; tries until it can', error),
    });
  }

  onApplicationBootstrap(): void {
    this.#sweeping.start();
  }

  onApplicationShutdown(): void {
    this.#sweeping.stop();
  }

  /** Adds a browser, or takes it over from the user who had it; above `pushDevices` the oldest one goes. */
  async add(user: SignedIn, { endpoint, keys, name }: NewDevice): Promise<PushDevice> {
    return this.store.write(async ({ manager }) => {
      const [row] = await rowsOf<Row>(
        manager,
        `insert into push_device (user_id, session_id, url_hash, url, p256dh, auth, name, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (url_hash) do update set user_id = excluded.user_id, session_id = excluded.session_id,
           p256dh = excluded.p256dh, auth = excluded.auth, name = excluded.name
         returning *`,
        [user.id, user.sessionId, hashOf(endpoint), endpoint, keys.p256dh, keys.auth, name, Date.now()],
      );
      await rowsOf(
        manager,
        `delete from push_device where id in (
           select id from push_device where user_id = $1 order by id desc limit $2 offset $3)`,
        [user.id, MANY, this.options.limits.pushDevices],
      );
      return deviceOf(row as Row);
    }, ownerOf(user.id));
  }

  async list(userId: number): Promise<readonly PushDevice[]> {
    const devicesOf = await this.findAll(this.store.readFor(ownerOf(userId)), [userId]);
    return devicesOf(userId);
  }

  /** @throws {Refusal} not_found, also for another's */
  async find(userId: number, id: number): Promise<PushDevice> {
    const device = (await this.list(userId)).find((one) => one.id === id);
    if (!device) throw new Refusal('not_found', 'There is no such device.');
    return device;
  }

  /** @throws {Refusal} not_found, also for another's */
  async remove(userId: number, id: number): Promise<void> {
    const removed = await this.store.write(
      ({ manager }) =>
        rowsOf(manager, 'delete from push_device where id = $1 and user_id = $2 returning id', [id, userId]),
      ownerOf(userId),
    );
    if (removed.length === 0) throw new Refusal('not_found', 'There is no such device.');
  }

  /** By person, the oldest first; without those whose login was ended. */
  async findAll(
    manager: EntityManager,
    userIds: readonly number[],
  ): Promise<(userId: number) => readonly PushDevice[]> {
    const rows = await rowsOf<Row>(
      manager,
      `select * from push_device
       where user_id in (select cast(value->>0 as bigint) from ${listsIn(manager, '$1')}) and not ${SIGNED_OUT}
       order by id`,
      [JSON.stringify(userIds.map((id) => [id]))],
    );
    const devices = rows.map(deviceOf);
    return (userId) => devices.filter((device) => device.userId === userId);
  }

  /** Of everybody, or one person, the newest first; those of ended logins too, until they are swept. */
  async page({ userId, before, limit }: AllDevices): Promise<readonly PushDevice[]> {
    const parameters: unknown[] = [];
    const bind = (value: unknown) => `$${parameters.push(value)}`;
    const conditions = [
      ...(userId === undefined ? [] : [`user_id = ${bind(userId)}`]),
      ...(before === undefined ? [] : [`id < ${bind(before)}`]),
    ];
    const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
    const rows = await rowsOf<Row>(
      this.store.read,
      `select * from push_device ${where} order by id desc limit ${bind(limit)}`,
      parameters,
    );
    return rows.map(deviceOf);
  }

  /** Its push service says that it is no more. */
  async forget(manager: EntityManager, { id }: Pick<PushDevice, 'id'>): Promise<void> {
    await rowsOf(manager, 'delete from push_device where id = $1', [id]);
  }
}

const SIGNED_OUT = `exists (
  select 1 from login_session s where s.id = push_device.session_id and s.revoked_at is not null)`;

async function removeSignedOut(manager: EntityManager): Promise<number> {
  const removed = await rowsOf(manager, `delete from push_device where ${SIGNED_OUT} returning id`);
  return removed.length;
}

/** SQLite's `offset` asks for a `limit`. */
const MANY = 1_000_000;

function hashOf(endpoint: string): string {
  return createHash('sha256').update(endpoint).digest('base64url');
}

interface Row {
  readonly id: number;
  readonly user_id: number;
  readonly url: string;
  readonly p256dh: string;
  readonly auth: string;
  readonly name: string;
  readonly created_at: number;
}

function deviceOf({ id, user_id, url, p256dh, auth, name, created_at }: Row): PushDevice {
  return { id, userId: user_id, url, p256dh, auth, name, createdAt: new Date(created_at) };
}
