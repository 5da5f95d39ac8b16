import { Inject, Injectable } from '@nestjs/common';
import { Refusal } from '../errors.js';
import type { Entry } from '../../library/inbox/entry.js';
import { Inbox } from '../../library/inbox/inbox.js';
import { Store } from '../../library/store/store.js';
import { channels, type Channel } from '../preferences/alert-kinds.js';
import { PreferencesService } from '../preferences/preferences.service.js';
import { UsersService, type Person } from '../users/users.service.js';
import { alertOf, plannedFor, type Alert } from './alert.js';
import type { DeliveryChannel, OutsideChannel } from './channel.js';
import { deliveriesOf, type Delivery, type DeliveryState } from './delivery-table.js';
import { CHANNELS, DELIVERY_OPTIONS, type DeliveryOptions } from './options.js';
import type { OfPerson } from './schemas.js';
import { ShownDeliveries, type ShownDelivery } from './shown-deliveries.service.js';

/** A notification as operators follow it. No word of what it says. */
export interface ShownAlert
  extends
    Pick<Entry, 'id' | 'type' | 'createdAt' | 'deliveredAt' | 'seenAt' | 'readAt' | 'archivedAt'>,
    Pick<Alert, 'kind' | 'isCritical' | 'isOwnAct'> {
  /** Of an alert about an appointment. */
  readonly appointmentId: number | null;
  readonly startsAt: string | null;
  /** Of a reminder. */
  readonly offsetMinutes: number | null;
  /** Where each of its deliveries stands. */
  readonly outside: readonly { readonly channel: OutsideChannel; readonly state: DeliveryState }[];
}

/** One alert, from the change that caused it to each device. */
export interface AlertStory {
  readonly alert: ShownAlert;
  readonly recipient: Pick<Person, 'id' | 'name' | 'role'>;
  /** The person whose act it tells of; null where nobody's did. */
  readonly by: Pick<Person, 'id' | 'name'> | null;
  readonly deliveries: readonly ShownDelivery[];
  readonly ways: readonly Way[];
}

/** A channel, and why this alert didn't take it. */
export interface Way {
  readonly channel: Channel;
  /** Null where it went that way, or would by what holds now. */
  readonly reason: WayReason | null;
}

/** Why an alert takes no delivery on a channel, by what holds when it is asked: what held then isn't kept. */
export type WayReason =
  /** Its reader did it. */
  | 'own_act'
  /** This clinic doesn't have it. */
  | 'no_channel'
  /** By its reader, for this kind. */
  | 'switched_off'
  /** Its reader has no device there. */
  | 'nowhere'
  /** It would have come after the appointment's start. */
  | 'too_late';

/** The notifications of somebody, as far as operators may follow them. */
@Injectable()
export class Alerts {
  constructor(
    private readonly store: Store,
    private readonly inbox: Inbox,
    private readonly users: UsersService,
    private readonly preferences: PreferencesService,
    private readonly shown: ShownDeliveries,
    @Inject(CHANNELS) private readonly channels: readonly DeliveryChannel[],
    @Inject(DELIVERY_OPTIONS) private readonly options: DeliveryOptions,
  ) {}

  /** Those of a person, the newest first. @throws {Refusal} not_found: there is nobody of that id */
  async list({ userId, before, limit }: OfPerson): Promise<{
    readonly recipient: Pick<Person, 'id' | 'name' | 'role'>;
    readonly items: readonly ShownAlert[];
    readonly next: string | null;
  }> {
    const recipient = await this.#find(userId);
    const most = Math.min(limit, this.options.limits.pageItems);
    // One more than asked for shows whether there is a next page.
    const found = await this.inbox.list({ owner: userId, filter: 'all', before, limit: most + 1 });
    const page = found.slice(0, most);
    const deliveries = await deliveriesOf(
      this.store.read,
      page.map(({ id }) => id),
    );
    const last = page.at(-1);
    return {
      recipient,
      items: page.map((entry) => this.#shown(entry, deliveries)),
      next: found.length > most && last ? String(last.seq) : null,
    };
  }

  /** @throws {Refusal} not_found */
  async follow(id: number): Promise<AlertStory> {
    const entryOf = await this.inbox.findAll([id]);
    const entry = entryOf(id);
    if (!entry) throw new Refusal('not_found', 'There is no such alert.');
    const recipient = await this.#find(entry.owner);
    const deliveries = await deliveriesOf(this.store.read, [id]);
    const by = typeof entry.data['by'] === 'number' ? await this.users.find(entry.data['by']) : undefined;
    return {
      alert: this.#shown(entry, deliveries),
      recipient,
      by: by ? { id: by.id, name: by.name } : null,
      deliveries: await this.shown.of(deliveries),
      ways: await this.#ways(entry, deliveries),
    };
  }

  async #find(userId: number): Promise<Pick<Person, 'id' | 'name' | 'role'>> {
    const person = await this.users.find(userId);
    if (!person) throw new Refusal('not_found', 'There is nobody of that id.');
    return { id: person.id, name: person.name, role: person.role };
  }

  #shown(entry: Entry, deliveries: readonly Delivery[]): ShownAlert {
    const { id, type, data, createdAt, deliveredAt, seenAt, readAt, archivedAt } = entry;
    const { kind, isCritical, isOwnAct } = alertOf(entry, createdAt, this.options.limits);
    const numberOf = (key: string) => (typeof data[key] === 'number' ? data[key] : null);
    return {
      ...{ id, type, createdAt, deliveredAt, seenAt, readAt, archivedAt, kind, isCritical, isOwnAct },
      appointmentId: numberOf('appointmentId'),
      startsAt: typeof data['startsAt'] === 'string' ? data['startsAt'] : null,
      offsetMinutes: numberOf('offsetMinutes'),
      outside: deliveries
        .filter(({ notificationId }) => notificationId === id)
        .map(({ channel, state }) => ({ channel, state })),
    };
  }

  async #ways(entry: Entry, deliveries: readonly Delivery[]): Promise<Way[]> {
    const { read } = this.store;
    const { limits } = this.options;
    const alert = alertOf(entry, entry.createdAt, limits);
    const wishes = await this.preferences.find(entry.owner, read);
    const reached = new Set<Channel>();
    for (const channel of this.channels)
      if ((await channel.reachable(read, [entry.owner])).has(entry.owner)) reached.add(channel.name);

    const reasonFor = (channel: Channel): WayReason | null => {
      if (channel === 'inApp') return wishes.kinds[alert.kind].inApp ? null : 'switched_off';
      if (deliveries.some((one) => one.channel === channel)) return null;
      if (!this.channels.some(({ name }) => name === channel)) return 'no_channel';
      if (alert.isOwnAct) return 'own_act';
      if (!alert.isCritical && !wishes.kinds[alert.kind][channel]) return 'switched_off';
      if (!reached.has(channel)) return 'nowhere';
      return plannedFor(alert, wishes, [channel], entry.createdAt, limits).length === 0 ? 'too_late' : null;
    };
    return channels.map((channel) => ({ channel, reason: reasonFor(channel) }));
  }
}
