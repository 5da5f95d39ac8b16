import { Controller, Get, Inject, Query } from '@nestjs/common';
import { Store } from '../../library/store/store.js';
import { Roles } from '../auth/access.js';
import { ZodPipe } from '../http/zod.pipe.js';
import { UsersService } from '../users/users.service.js';
import type { DeliveryChannel, OutsideChannel } from './channel.js';
import { listDeliveries, tallyDeliveries, type Delivery, type Tally } from './delivery-table.js';
import { CHANNELS, DELIVERY_OPTIONS, type DeliveryOptions } from './options.js';
import { PushDevices, type PushDevice } from './push-devices.service.js';
import { allDevicesSchema, deliveriesSchema, type AllDevices, type DeliveriesQuery } from './schemas.js';
import { ShownDeliveries, type ShownDelivery } from './shown-deliveries.service.js';

/** How the channels do, as far as their newest deliveries say. */
export interface DeliverySummary {
  /** Those that this clinic has. */
  readonly channels: readonly OutsideChannel[];
  /** When the oldest was planned that is counted; null where there is none. */
  readonly since: Date | null;
  readonly tallies: readonly Tally[];
}

/** A device as operators see it. */
export interface DeviceOfPerson {
  readonly id: number;
  readonly userId: number;
  readonly userName: string;
  readonly name: string;
  /** The host of its push service. */
  readonly service: string;
  readonly createdAt: Date;
}

/** What became of alerts outside the page, for operators. */
@Controller('api/deliveries')
@Roles('operator')
export class DeliveriesController {
  constructor(
    private readonly store: Store,
    private readonly users: UsersService,
    private readonly devices: PushDevices,
    private readonly shown: ShownDeliveries,
    @Inject(CHANNELS) private readonly channels: readonly DeliveryChannel[],
    @Inject(DELIVERY_OPTIONS) private readonly options: DeliveryOptions,
  ) {}

  @Get()
  async list(
    @Query(new ZodPipe(deliveriesSchema)) query: DeliveriesQuery,
  ): Promise<{ items: readonly ShownDelivery[]; next: string | null }> {
    const { items, next } = await this.#page(query, (bounds) => listDeliveries(this.store.read, bounds));
    return { items: await this.shown.of(items), next };
  }

  @Get('summary')
  async summary(): Promise<DeliverySummary> {
    const { deliveriesCounted } = this.options.limits;
    const channels = this.channels.map(({ name }) => name);
    return { channels, ...(await tallyDeliveries(this.store.read, deliveriesCounted)) };
  }

  @Get('devices')
  async listDevices(
    @Query(new ZodPipe(allDevicesSchema)) query: AllDevices,
  ): Promise<{ items: DeviceOfPerson[]; next: string | null }> {
    const { items, next } = await this.#page(query, (bounds) => this.devices.page(bounds));
    const people = await this.users.findAll(items.map(({ userId }) => userId));
    const shown = (device: PushDevice) => ({
      id: device.id,
      userId: device.userId,
      userName: people.get(device.userId)?.name ?? '',
      name: device.name,
      service: new URL(device.url).host,
      createdAt: device.createdAt,
    });
    return { items: items.map(shown), next };
  }

  /** One more than asked for shows whether there is a next page. */
  async #page<Q extends { readonly limit: number }, T extends Pick<Delivery, 'id'>>(
    query: Q,
    find: (bounds: Q) => Promise<readonly T[]>,
  ): Promise<{ items: readonly T[]; next: string | null }> {
    const limit = Math.min(query.limit, this.options.limits.pageItems);
    const found = await find({ ...query, limit: limit + 1 });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return { items, next: found.length > limit && last ? String(last.id) : null };
  }
}
