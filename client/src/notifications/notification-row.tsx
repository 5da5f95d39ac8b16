import type { Notification } from '../api/types.js';
import { ago } from '../time/clock-time.js';
import { passFocus } from '../ui/focus.js';
import { Icon } from '../ui/icon.js';
import { kindOf } from './kinds.js';
import { say } from '../words/words.js';
import { LinksIn } from '../ui/text.js';

interface NotificationRowProps {
  readonly item: Notification;
  readonly now: number;
  readonly onOpen: () => void;
  /** Puts it away, or back where it was put away. */
  readonly onArchive: () => void;
  readonly onToggleRead: () => void;
}

export function NotificationRow({ item, now, onOpen, onArchive, onToggleRead }: NotificationRowProps) {
  const { title, icon, tone } = kindOf(item);
  const toggle = say(item.isRead ? 'row.markUnread' : 'row.markRead');
  const put = say(item.isArchived ? 'row.putBack' : 'row.archive');
  return (
    <li className={`notice${item.isRead ? '' : ' notice--unread'}`}>
      <button type="button" className="notice__open" onClick={onOpen}>
        <span className={`notice__icon tone-${tone}`}>
          <Icon name={icon} size={18} />
        </span>
        <span className="notice__words">
          <span className="notice__head">
            <span className="notice__title">{title}</span>
            <time dateTime={item.timestamp}>{ago(item.timestamp, now)}</time>
          </span>
          <span className="notice__text">{item.message}</span>
        </span>
        {!item.isRead && (
          <span className="notice__dot">
            <span className="sr-only">{say('row.unread')}</span>
          </span>
        )}
      </button>
      <LinksIn text={item.message} />
      <button
        type="button"
        className="icon-button icon-button--small"
        aria-label={say('row.of', { act: toggle, message: item.message })}
        title={toggle}
        onClick={onToggleRead}
      >
        <Icon name={item.isRead ? 'bell' : 'check'} size={18} />
      </button>
      <button
        type="button"
        className="icon-button icon-button--small"
        title={put}
        aria-label={say('row.of', { act: put, message: item.message })}
        onClick={(event) => {
          passFocus(event.currentTarget);
          onArchive();
        }}
      >
        <Icon name="archive" size={18} />
      </button>
    </li>
  );
}
