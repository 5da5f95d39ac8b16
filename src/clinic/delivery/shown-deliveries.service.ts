import { Injectable } from '@nestjs/common';
import type { Entry } from '../../library/inbox/entry.js';
import { Inbox } from '../../library/inbox/inbox.js';
import { Store } from '../../library/store/store.js';
import { UsersService } from '../users/users.service.js';
import type { Delivery } from './delivery-table.js';

/** A delivery as operators see it: what became of it, and of the notification itself. No word of what that says. */
export interface ShownDelivery extends Omit<Delivery, 'topic' | 'targetId' | 'targetName'> {
  readonly userName: string;
  /** The device or mailbox, as its owner knows it. */
  readonly target: string | null;
  /** Of the row in the inbox; null where that was pruned. */
  readonly notification: Pick<Entry, 'createdAt' | 'deliveredAt' | 'seenAt' | 'readAt'> | null;
}

/** Puts beside deliveries what operators need to understand them. */
@Injectable()
export class ShownDeliveries {
  constructor(
    private readonly store: Store,
    private readonly inbox: Inbox,
    private readonly users: UsersService,
  ) {}

  async of(deliveries: readonly Delivery[]): Promise<ShownDelivery[]> {
    const { read } = this.store;
    const people = await this.users.findAll(
      deliveries.map(({ userId }) => userId),
      read,
    );
    const entryOf = await this.inbox.findAll(
      deliveries.map(({ notificationId }) => notificationId),
      read,
    );
    return deliveries.map((delivery) => {
      const { id, notificationId, userId, channel, kind, isCritical } = delivery;
      const { state, reason, createdAt, dueAt, expiresAt, attempts, steps } = delivery;
      return {
        ...{ id, notificationId, userId, userName: people.get(userId)?.name ?? '' },
        ...{ channel, kind, isCritical, target: delivery.targetName },
        ...{ state, reason, createdAt, dueAt, expiresAt, attempts, steps },
        notification: momentsOf(entryOf(notificationId)),
      };
    });
  }
}

function momentsOf(entry: Entry | undefined): ShownDelivery['notification'] {
  if (!entry) return null;
  const { createdAt, deliveredAt, seenAt, readAt } = entry;
  return { createdAt, deliveredAt, seenAt, readAt };
}
