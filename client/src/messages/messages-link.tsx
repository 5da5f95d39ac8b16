import { useDesk } from '../app/app-context.js';
import { go, hrefOf, path } from '../app/router.js';
import { badgeText } from '../notifications/badge.js';
import { useStore } from '../state/use-store.js';
import { Icon } from '../ui/icon.js';
import { isMessages } from './address.js';
import { unreadIn } from './conversation-list.js';
import { say } from '../words/words.js';

/** Leads to the messages; its badge counts what is unread. */
export function MessagesLink() {
  const { messages } = useDesk();
  const unread = unreadIn(useStore(messages.state).list);
  const isHere = isMessages(useStore(path));
  return (
    <a
      className="bell icon-button"
      href={hrefOf('/messages')}
      aria-label={say('messages.named', { count: unread })}
      aria-current={isHere ? 'page' : undefined}
      onClick={(event) => {
        event.preventDefault();
        go('/messages');
      }}
    >
      <Icon name="speech" size={22} />
      {unread > 0 && (
        <span key={unread} className="bell__badge" aria-hidden="true">
          {badgeText(unread)}
        </span>
      )}
    </a>
  );
}
