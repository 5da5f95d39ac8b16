import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { AddedEntry, EntryDraft } from '../../library/inbox/entry.js';
import { Inbox } from '../../library/inbox/inbox.js';
import type { Appendable, Appended } from '../../library/store/transaction.js';
import { PreferencesService } from '../preferences/preferences.service.js';
import { alertOf, plannedFor } from './alert.js';
import type { DeliveryChannel, OutsideChannel } from './channel.js';
import { addDeliveries, type NewDelivery } from './delivery-table.js';
import { CHANNELS, DELIVERY_OPTIONS, type DeliveryOptions } from './options.js';

/**
 * The inbox, and in the same transaction what is to go out of each new row to people who aren't looking: nothing of it is
 * lost, whenever the process dies, and nothing goes out of what wasn't committed.
 */
@Injectable()
export class AlertOutbox implements Appendable<EntryDraft, AddedEntry> {
  constructor(
    private readonly inbox: Inbox,
    private readonly preferences: PreferencesService,
    @Inject(CHANNELS) private readonly channels: readonly DeliveryChannel[],
    @Inject(DELIVERY_OPTIONS) private readonly options: DeliveryOptions,
  ) {}

  check(draft: EntryDraft): void {
    this.inbox.check(draft);
  }

  streamOf(draft: EntryDraft): string {
    return this.inbox.streamOf(draft);
  }

  async append(
    manager: EntityManager,
    drafts: readonly EntryDraft[],
  ): Promise<readonly Appended<AddedEntry>[]> {
    const appended = await this.inbox.append(manager, drafts);
    const added = drafts.flatMap((draft, i) => {
      const one = appended[i];
      return one?.outcome === 'added' ? [{ draft, id: one.row.id }] : [];
    });
    await addDeliveries(manager, await this.#plan(manager, added));
    return appended;
  }

  async #plan(manager: EntityManager, added: readonly Added[]): Promise<NewDelivery[]> {
    const { limits } = this.options;
    const now = new Date();
    const alerts = added
      .map((one) => ({ ...one, alert: alertOf(one.draft, now, limits) }))
      .filter(({ alert }) => !alert.isOwnAct);
    const channelsOf = await this.#reachable(manager, alerts);
    const reached = alerts.filter(({ draft }) => channelsOf(draft.owner).length > 0);
    if (reached.length === 0) return [];

    const owners = [...new Set(reached.map(({ draft }) => draft.owner))];
    const preferencesOf = await this.preferences.findAll(owners, manager);
    return reached.flatMap(({ id, draft: { owner }, alert }) =>
      plannedFor(alert, preferencesOf(owner), channelsOf(owner), now, limits).map(({ channel, dueAt }) => ({
        ...alert,
        notificationId: id,
        userId: owner,
        channel,
        targetId: null,
        targetName: null,
        createdAt: now,
        dueAt,
        steps: [{ at: now.toISOString(), step: 'planned' as const }],
      })),
    );
  }

  async #reachable(
    manager: EntityManager,
    alerts: readonly Added[],
  ): Promise<(owner: number) => readonly OutsideChannel[]> {
    const owners = [...new Set(alerts.map(({ draft }) => draft.owner))];
    if (owners.length === 0) return () => [];
    const reached = new Map<number, OutsideChannel[]>();
    for (const channel of this.channels) {
      for (const owner of await channel.reachable(manager, owners))
        reached.set(owner, [...(reached.get(owner) ?? []), channel.name]);
    }
    return (owner) => reached.get(owner) ?? [];
  }
}

interface Added {
  readonly draft: EntryDraft;
  readonly id: number;
}
