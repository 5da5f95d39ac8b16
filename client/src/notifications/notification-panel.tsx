import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { Announcements } from '../announcements/announcements.js';
import { useDesk } from '../app/app-context.js';
import { explain } from '../api/problem.js';
import type { Notification } from '../api/types.js';
import { go } from '../app/router.js';
import type { Filter } from '../inbox/inbox-api.js';
import { pageOf } from '../messages/address.js';
import { useInbox } from '../react/use-inbox.js';
import { useReveal } from '../appointments/use-reveal.js';
import { halfMinutes } from '../state/clock.js';
import { useStore } from '../state/use-store.js';
import { asOfTime } from '../time/as-of.js';
import { Icon } from '../ui/icon.js';
import { Empty, LoadError, Skeleton } from '../ui/list-states.js';
import { groupByDate } from './date-groups.js';
import { appointmentOf, conversationOf } from './kinds.js';
import { NotificationRow } from './notification-row.js';
import { useUndo } from './use-undo.js';
import './panel.css';
import { say } from '../words/words.js';

export function NotificationPanel({ onClose }: { readonly onClose: () => void }) {
  const { inbox, toasts } = useDesk();
  const { unread } = useStore(inbox.state).list.counts;
  const [tab, setTab] = useState<Tab>('all');
  const { undo, offer } = useUndo();
  useSeeing();
  useEffect(() => toasts.holdNews(), [toasts]);

  async function markAll(): Promise<void> {
    const items = await inbox.markAllRead();
    if (items.length > 0) offer(say('panel.marked', { count: items.length }), () => inbox.markUnread(items));
  }

  function choose(next: Tab): void {
    setTab(next);
    if (next !== 'announcements') void inbox.load(next);
  }

  return (
    <>
      <div className="panel__head">
        <h2>{say('panel.title')}</h2>
        <button type="button" className="icon-button" aria-label={say('panel.close')} onClick={onClose}>
          <Icon name="cross" />
        </button>
      </div>
      <div className="panel__bar">
        <Tabs chosen={tab} unread={unread} onChoose={choose} />
        {unread > 0 && (tab === 'all' || tab === 'unread') && (
          <button type="button" className="button button--quiet button--small" onClick={() => void markAll()}>
            {say('panel.markAll', { count: unread })}
          </button>
        )}
      </div>
      <div
        role="tabpanel"
        id="notification-list"
        aria-labelledby={`tab-${tab}`}
        className="panel__list"
        // Where its rows have no buttons, it is what the keys scroll.
        tabIndex={tab === 'announcements' ? 0 : undefined}
      >
        {tab === 'announcements' ? (
          <Announcements />
        ) : (
          <List key={tab} filter={tab} onClose={onClose} onUndoable={offer} />
        )}
      </div>
      {undo}
    </>
  );
}

type Tab = Filter | 'announcements';

const tabs: readonly Tab[] = ['all', 'unread', 'archived', 'announcements'];

interface TabsProps {
  readonly chosen: Tab;
  readonly unread: number;
  readonly onChoose: (tab: Tab) => void;
}

/** Arrow keys go between tabs, as the ARIA pattern has it. */
function Tabs({ chosen, unread, onChoose }: TabsProps) {
  const root = useRef<HTMLDivElement>(null);
  function onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    const at = tabs.indexOf(chosen);
    const other = tabs.at((at + step) % tabs.length) ?? chosen;
    onChoose(other);
    root.current?.querySelector<HTMLElement>(`#tab-${other}`)?.focus();
  }
  return (
    <div ref={root} role="tablist" aria-label={say('panel.which')} className="tabs" onKeyDown={onKeyDown}>
      {tabs.map((tab) => (
        <button
          key={tab}
          id={`tab-${tab}`}
          type="button"
          role="tab"
          aria-selected={tab === chosen}
          aria-controls="notification-list"
          tabIndex={tab === chosen ? 0 : -1}
          className="tab"
          onClick={() => onChoose(tab)}
        >
          {say(`tab.${tab}`)}
          {tab === 'unread' && unread > 0 && <span className="tab__count">{unread}</span>}
        </button>
      ))}
    </div>
  );
}

interface ListProps {
  readonly filter: Filter;
  readonly onClose: () => void;
  readonly onUndoable: (what: string, undo: () => Promise<void>) => void;
}

function List({ filter, onClose, onUndoable }: ListProps) {
  const { inbox, realtime } = useDesk();
  const { items, error, asOf, ...view } = useInbox(inbox, filter);
  const isLive = useStore(realtime.status).state === 'live';
  const now = useStore(halfMinutes);
  const reveal = useReveal();

  async function putAway(item: Notification): Promise<void> {
    if (item.isArchived) return view.putBack(item);
    await view.archive(item);
    onUndoable(say('panel.doneArchived'), () => view.putBack(item));
  }

  const failure = error && <LoadError text={explain(error)} onRetry={() => void view.reload()} />;
  if (!view.isLoaded) return failure ?? <Skeleton label={say('panel.loading')} rows={4} />;
  return (
    <>
      {!isLive && asOf !== null && <p className="stale">{say('panel.asOf', { time: asOfTime(asOf) })}</p>}
      {items.length === 0 && !view.hasMore && (
        <Empty icon="bell" title={say(`nothing.${filter}`)}>
          <p className="muted">{say('panel.hint')}</p>
        </Empty>
      )}
      {groupByDate(items, now).map(({ label, items: group }) => (
        <section key={label} aria-label={label}>
          <h3 className="panel__date">{label}</h3>
          <ul>
            {group.map((item) => (
              <NotificationRow
                key={item.id}
                item={item}
                now={now}
                onOpen={() => {
                  void view.markRead(item);
                  const appointment = appointmentOf(item);
                  const conversation = conversationOf(item);
                  if (!appointment && conversation === undefined) return;
                  onClose();
                  if (appointment) reveal(appointment.appointmentId);
                  else if (conversation !== undefined) go(pageOf(conversation));
                }}
                onArchive={() => void putAway(item)}
                onToggleRead={() => void (item.isRead ? view.markUnread(item) : view.markRead(item))}
              />
            ))}
          </ul>
        </section>
      ))}
      {failure}
      {view.hasMore && (
        <button
          type="button"
          className="button panel__more"
          disabled={view.isLoading}
          onClick={() => void view.loadMore()}
        >
          {view.isLoading ? say('common.loading') : say('common.more')}
        </button>
      )}
    </>
  );
}

/** While the panel is open, all rows that it shows count as seen, also those that arrive meanwhile. */
function useSeeing(): void {
  const { inbox } = useDesk();
  const { unseen } = useStore(inbox.state).list.counts;
  useEffect(() => {
    if (unseen > 0) void inbox.markSeen();
  }, [inbox, unseen]);
}
