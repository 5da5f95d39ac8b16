import { useDesk } from '../app/app-context.js';
import { initials } from '../app/initials.js';
import { go, hrefOf } from '../app/router.js';
import type { Conversation } from '../api/types.js';
import { halfMinutes } from '../state/clock.js';
import { useStore } from '../state/use-store.js';
import { Empty, LoadError, Skeleton } from '../ui/list-states.js';
import { pageOf } from './address.js';
import { titleOf } from './conversation-list.js';
import { shortTime } from './short-time.js';
import { say } from '../words/words.js';

/** The newest first, each with what was said last. */
export function ConversationRows({ openId }: { readonly openId: number | undefined }) {
  const { messages } = useDesk();
  const { list, error } = useStore(messages.state);
  const now = useStore(halfMinutes);
  const retry = () => void messages.load();
  if (!list)
    return error === null ? (
      <Skeleton label={say('messages.loadingList')} rows={4} />
    ) : (
      <LoadError text={error} onRetry={retry} />
    );
  return (
    <>
      {list.items.length === 0 && (
        <Empty icon="speech" title={say('messages.nobody')}>
          <p className="muted">{say('messages.begin')}</p>
        </Empty>
      )}
      <ul>
        {list.items.map((item) => (
          <Row key={item.id} item={item} now={now} isOpen={item.id === openId} />
        ))}
      </ul>
      {list.next !== null && (
        <button type="button" className="button messages__more" onClick={() => void messages.loadMore()}>
          {say('common.more')}
        </button>
      )}
    </>
  );
}

interface RowProps {
  readonly item: Conversation;
  readonly now: number;
  readonly isOpen: boolean;
}

function Row({ item, now, isOpen }: RowProps) {
  const { user } = useDesk();
  const { id, unread, lastMessage, updatedAt } = item;
  const title = titleOf(item, user.id);
  const to = pageOf(id);
  return (
    <li>
      <a
        className={`talk${unread > 0 ? ' talk--unread' : ''}`}
        href={hrefOf(to)}
        aria-current={isOpen ? 'page' : undefined}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          go(to);
        }}
      >
        <span className="talk__face" aria-hidden="true" data-initials={initials(title)} />
        <span className="talk__words">
          <span className="talk__head">
            <span className="talk__name">{title}</span>
            <time dateTime={updatedAt}>{shortTime(lastMessage?.createdAt ?? updatedAt, now)}</time>
          </span>
          <span className="talk__foot">
            <span className="talk__last">
              {lastMessage
                ? lastMessage.senderId === user.id
                  ? say('messages.youSaid', { text: lastMessage.text })
                  : lastMessage.text
                : say('messages.nothing')}
            </span>
            {unread > 0 && (
              <span className="talk__count">
                {unread > 99 ? '99+' : unread}
                <span className="sr-only"> {say('messages.unread')}</span>
              </span>
            )}
          </span>
        </span>
      </a>
    </li>
  );
}
