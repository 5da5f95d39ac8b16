import { useEffect } from 'react';
import { useDesk } from '../app/app-context.js';
import type { Announcement } from '../api/types.js';
import { groupByDate } from '../notifications/date-groups.js';
import { halfMinutes } from '../state/clock.js';
import { useStore } from '../state/use-store.js';
import { ago } from '../time/clock-time.js';
import { Icon } from '../ui/icon.js';
import { Empty, LoadError, Skeleton } from '../ui/list-states.js';
import { say } from '../words/words.js';
import { Text } from '../ui/text.js';

/** What was announced to everybody, newest first. */
export function Announcements() {
  const { announcements } = useDesk();
  const { items, next, isLoading, error } = useStore(announcements.state);
  const now = useStore(halfMinutes);
  useEffect(() => void announcements.load(), [announcements]);

  if (!items) {
    return error === null ? (
      <Skeleton label={say('announcements.loading')} rows={4} />
    ) : (
      <LoadError text={error} onRetry={() => void announcements.load()} />
    );
  }
  return (
    <>
      {items.length === 0 && (
        <Empty icon="megaphone" title={say('announcements.none')}>
          <p className="muted">{say('announcements.hint')}</p>
        </Empty>
      )}
      {groupByDate(items, now).map(({ label, items: group }) => (
        <section key={label} aria-label={label}>
          <h3 className="panel__date">{label}</h3>
          <ul>
            {group.map((item) => (
              <Row key={item.seq} item={item} now={now} />
            ))}
          </ul>
        </section>
      ))}
      {error !== null && <LoadError text={error} onRetry={() => void announcements.load()} />}
      {next !== null && (
        <button
          type="button"
          className="button panel__more"
          disabled={isLoading}
          onClick={() => void announcements.loadMore()}
        >
          {isLoading ? say('common.loading') : say('common.more')}
        </button>
      )}
    </>
  );
}

/** There is nothing to do with it; the keys j and k come to it as to a notification. */
function Row({ item, now }: { readonly item: Announcement; readonly now: number }) {
  return (
    <li className="notice notice--plain" tabIndex={-1}>
      <span className="notice__icon tone-brass">
        <Icon name="megaphone" size={18} />
      </span>
      <span className="notice__words">
        <span className="notice__text">
          <Text>{item.message}</Text>
        </span>
        <time dateTime={item.timestamp} className="muted small">
          {ago(item.timestamp, now)}
        </time>
      </span>
    </li>
  );
}
