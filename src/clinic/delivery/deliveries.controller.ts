import { Controller, Get, Inject, Query } from '@nestjs/common';
import type { Entry } from '../../library/inbox/entry.js';
import { Inbox } from '../../library/inbox/inbox.js';
import { ownerOf } from '../../library/store/owner.js';
import { Store } from '../../library/store/store.js';
import { CurrentUser, Roles } from '../auth/access.js';
import { SignedIn } from '../auth/signed-in.js';
import { ZodPipe } from '../http/zod.pipe.js';
import { listDeliveries, type Delivery } from './delivery-table.js';
import { DELIVERY_OPTIONS, type DeliveryOptions } from './options.js';
import { deliveriesSchema, type DeliveriesQuery } from './schemas.js';

/** A delivery as operators see it: what became of it, and of the notification itself. No word of what that says. */
export interface ShownDelivery extends Omit<
  Delivery,
  'topic' | 'targetId' | 'targetName' | 'attempts' | 'expiresAt'
> {
  /** The device or mailbox, as its owner knows it. */
  readonly target: string | null;
  /** Of the row in the inbox; null where that was pruned. */
  readonly notification: Pick<Entry, 'createdAt' | 'deliveredAt' | 'seenAt' | 'readAt'> | null;
}

/** Why somebody did, or didn't, hear of an alert. */
@Controller('api/deliveries')
export class DeliveriesController {
  constructor(
    private readonly store: Store,
    private readonly inbox: Inbox,
    @Inject(DELIVERY_OPTIONS) private readonly options: DeliveryOptions,
  ) {}

  @Get()
  @Roles('operator')
  async list(
    @CurrentUser() operator: SignedIn,
    @Query(new ZodPipe(deliveriesSchema)) query: DeliveriesQuery,
  ): Promise<{ items: ShownDelivery[]; next: string | null }> {
    const limit = Math.min(query.limit, this.options.limits.pageItems);
    const read = this.store.readFor(ownerOf(operator.id));
    // One more than asked for shows whether there is a next page.
    const found = await listDeliveries(read, { ...query, limit: limit + 1 });
    const page = found.slice(0, limit);
    const entryOf = await this.inbox.findAll(
      page.map(({ notificationId }) => notificationId),
      read,
    );
    const last = page.at(-1);
    return {
      items: page.map((delivery) => shown(delivery, entryOf(delivery.notificationId))),
      next: found.length > limit && last ? String(last.id) : null,
    };
  }
}

function shown(delivery: Delivery, entry: Entry | undefined): ShownDelivery {
  const { id, notificationId, userId, channel, kind, isCritical } = delivery;
  const { state, reason, createdAt, dueAt, steps, targetName } = delivery;
  return {
    ...{ id, notificationId, userId, channel, kind, isCritical, target: targetName },
    ...{ state, reason, createdAt, dueAt, steps },
    notification: entry
      ? {
          createdAt: entry.createdAt,
          deliveredAt: entry.deliveredAt,
          seenAt: entry.seenAt,
          readAt: entry.readAt,
        }
      : null,
  };
}
