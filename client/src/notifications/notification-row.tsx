import type { Notification } from '../api/types.js';
import { ago } from '../time/clock-time.js';
import { passFocus } from '../ui/focus.js';
import { Icon } from '../ui/icon.js';
import { kindOf } from './kinds.js';

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
            <span className="sr-only">Unread</span>
          </span>
        )}
      </button>
      <button
        type="button"
        className="icon-button icon-button--small"
        aria-label={`${item.isRead ? 'Mark unread' : 'Mark read'}: ${item.message}`}
        title={item.isRead ? 'Mark unread' : 'Mark read'}
        onClick={onToggleRead}
      >
        <Icon name={item.isRead ? 'bell' : 'check'} size={18} />
      </button>
      <button
        type="button"
        className="icon-button icon-button--small"
        title={item.isArchived ? 'Put back' : 'Archive'}
        aria-label={`${item.isArchived ? 'Put back' : 'Archive'}: ${item.message}`}
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
