import { Fragment, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useDesk } from '../app/app-context.js';
import { go, hrefOf } from '../app/router.js';
import type { Conversation, ConversationMessage } from '../api/types.js';
import { groupByDate } from '../notifications/date-groups.js';
import { halfMinutes } from '../state/clock.js';
import { useStore } from '../state/use-store.js';
import { Icon } from '../ui/icon.js';
import { LoadError, Skeleton } from '../ui/list-states.js';
import { Bubble, WaitingBubble } from './bubble.js';
import { Compose } from './compose.js';
import { titleOf } from './conversation-list.js';
import { shortTime } from './short-time.js';
import { firstUnread } from './thread.js';
import { typingLine } from './typists.js';
import { say } from '../words/words.js';

/** What was said in one conversation, and where more of it is written. */
export function ThreadView({ id }: { readonly id: number }) {
  const { messages, user } = useDesk();
  const { list, threads, failures } = useStore(messages.state);
  const conversation = list?.items.find((item) => item.id === id);
  const thread = threads.get(id);
  const failure = failures.get(id);
  const title = conversation ? titleOf(conversation, user.id) : say('thread.conversation');
  const heading = useRef<HTMLHeadingElement>(null);

  useEffect(() => {
    void messages.open(id);
    heading.current?.focus({ preventScroll: true });
    return () => messages.close(id);
  }, [messages, id]);

  return (
    <section className="thread" aria-labelledby="thread-title">
      <header className="thread__head">
        <a
          className="icon-button thread__back"
          href={hrefOf('/messages')}
          aria-label={say('thread.all')}
          onClick={(event) => {
            event.preventDefault();
            go('/messages');
          }}
        >
          <Icon name="arrowLeft" />
        </a>
        <h2 id="thread-title" ref={heading} tabIndex={-1} className="words">
          {title}
        </h2>
        {conversation && <PresenceLine conversation={conversation} />}
      </header>
      {failure !== undefined && <LoadError text={failure} onRetry={() => void messages.open(id)} />}
      {thread ? (
        <Talk id={id} all={thread.messages} hasOlder={thread.next !== null} title={title} />
      ) : (
        failure === undefined && <Skeleton label={say('thread.loading')} rows={4} />
      )}
      {thread && <Compose id={id} to={title} />}
    </section>
  );
}

/** How often it is asked anew, in ms: the server notes it as often. */
const presenceMs = 60_000;

/** Whether the other of two is here, where the clinic shows it. */
function PresenceLine({ conversation }: { readonly conversation: Conversation }) {
  const { messages, user } = useDesk();
  const now = useStore(halfMinutes);
  const others = conversation.members.filter((member) => member.id !== user.id);
  const [other] = others;
  const isKnown = other?.isOnline !== undefined;
  useEffect(() => {
    if (!isKnown) return undefined;
    const timer = setInterval(() => void messages.load(), presenceMs);
    return () => clearInterval(timer);
  }, [messages, isKnown]);

  if (!other || others.length > 1 || !isKnown) return null;
  const { isOnline, lastSeenAt } = other;
  if (isOnline) return <p className="thread__presence muted small">{say('presence.online')}</p>;
  if (!lastSeenAt) return null;
  return (
    <p className="thread__presence muted small">
      {say('presence.lastSeen', { when: shortTime(lastSeenAt, now) })}
    </p>
  );
}

interface TalkProps {
  readonly id: number;
  readonly all: readonly ConversationMessage[];
  readonly hasOlder: boolean;
  readonly title: string;
}

function Talk({ id, all, hasOlder, title }: TalkProps) {
  const { messages, user } = useDesk();
  const { waiting, typists, opened } = useStore(messages.state);
  const now = useStore(halfMinutes);
  const own = waiting.filter(({ conversationId }) => conversationId === id);
  const newAfter = opened?.id === id ? opened.newAfter : null;
  const divider = newAfter === null ? undefined : firstUnread(all, newAfter, user.id);
  const { scroller, isAtEnd, onScroll, toEnd } = useScroll(all, own.length, divider?.seq);
  const unseen = useUnseen(all, isAtEnd, user.id);
  const typing = typingLine(
    typists.filter(({ conversationId }) => conversationId === id).map(({ name }) => name),
  );
  const isShown = useIsShown();
  useEffect(() => messages.look(isShown && isAtEnd), [messages, isShown, isAtEnd]);

  return (
    <div className="talk-over">
      {/* The keys scroll it. */}
      <div
        ref={scroller}
        className="thread__scroll"
        role="region"
        aria-label={say('thread.with', { name: title })}
        tabIndex={0}
        onScroll={onScroll}
      >
        {hasOlder && (
          <button
            type="button"
            className="button button--small thread__older"
            onClick={() => void messages.loadOlder(id)}
          >
            {say('thread.older')}
          </button>
        )}
        {all.length + own.length === 0 && <p className="muted thread__empty">{say('thread.empty')}</p>}
        {groupByDate(all.map(dated), now).map(({ label, items }) => (
          <section key={label} aria-label={label}>
            <h3 className="thread__date">
              <span>{label}</span>
            </h3>
            <ol>
              {items.map((message) => (
                <Fragment key={message.seq}>
                  {message.seq === divider?.seq && (
                    <li className="thread__new">
                      <span>{say('thread.new')}</span>
                    </li>
                  )}
                  <Bubble message={message} isOwn={message.senderId === user.id} />
                </Fragment>
              ))}
            </ol>
          </section>
        ))}
        {own.length > 0 && (
          <ol aria-label={say('thread.notSent')}>
            {own.map((one) => (
              <WaitingBubble key={one.clientId} waiting={one} />
            ))}
          </ol>
        )}
      </div>
      {!isAtEnd && (
        <button type="button" className="button button--small thread__latest" onClick={toEnd}>
          <Icon name="chevron" size={16} />
          {say('thread.unseen', { count: unseen })}
        </button>
      )}
      <p className="thread__typing muted small" role="status">
        {typing}
      </p>
    </div>
  );
}

/** How near to the end counts as there, in px. */
const endPx = 48;

/** It begins at what is new, or at the end; at the end it stays there, elsewhere it stays where it is. */
function useScroll(all: readonly ConversationMessage[], own: number, newSeq: number | undefined) {
  const scroller = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const before = useRef<{ height: number; first: number | undefined; own: number } | null>(null);
  const wasAtEnd = useRef(true);

  function onScroll(): void {
    const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = scroller.current ?? {};
    wasAtEnd.current = scrollHeight - scrollTop - clientHeight < endPx;
    setAtEnd(wasAtEnd.current);
  }
  function toEnd(): void {
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
    onScroll();
  }

  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const first = all[0]?.seq;
    const isOlder = before.current && first !== undefined && first < (before.current.first ?? 0);
    if (!before.current) {
      box.scrollTop = box.scrollHeight;
      box.querySelector('.thread__new')?.scrollIntoView({ block: 'nearest' });
    } else if (isOlder) box.scrollTop += box.scrollHeight - before.current.height;
    else if (wasAtEnd.current || own > before.current.own) box.scrollTop = box.scrollHeight;
    before.current = { height: box.scrollHeight, first, own };
    onScroll();
  }, [all, own, newSeq]);

  // A phone's keyboard, a longer text: the end stays in sight.
  useEffect(() => {
    const box = scroller.current;
    if (!box || !globalThis.ResizeObserver) return undefined;
    const observer = new ResizeObserver(() => {
      if (wasAtEnd.current) box.scrollTop = box.scrollHeight;
    });
    observer.observe(box);
    return () => observer.disconnect();
  }, []);

  return { scroller, isAtEnd, onScroll, toEnd };
}

/** How many of the others' messages came since the end was in sight. */
function useUnseen(all: readonly ConversationMessage[], isAtEnd: boolean, ownId: number): number {
  const last = all.at(-1)?.seq ?? 0;
  const [seen, setSeen] = useState(last);
  if (isAtEnd && seen !== last) setSeen(last);
  return all.filter(({ seq, senderId }) => seq > seen && senderId !== ownId).length;
}

function useIsShown(): boolean {
  return useSyncExternalStore(
    (listener) => {
      document.addEventListener('visibilitychange', listener);
      return () => document.removeEventListener('visibilitychange', listener);
    },
    () => document.visibilityState === 'visible',
  );
}

function dated(message: ConversationMessage): ConversationMessage & { readonly timestamp: string } {
  return { ...message, timestamp: message.createdAt };
}
