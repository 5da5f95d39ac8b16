import { useDesk } from '../app/app-context.js';
import type { ConversationMessage } from '../api/types.js';
import { clockTime } from '../time/clock-time.js';
import type { Waiting } from './outbox.js';

const statusWords: Readonly<Record<ConversationMessage['status'], string>> = {
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
};

interface BubbleProps {
  readonly message: ConversationMessage;
  readonly isOwn: boolean;
}

/** What somebody said. How far it has come is its sender's to know. */
export function Bubble({ message, isOwn }: BubbleProps) {
  const { senderName, text, createdAt, status } = message;
  return (
    <li className={`bubble${isOwn ? ' bubble--own' : ''}`}>
      <p className="sr-only">{isOwn ? 'You' : senderName}:</p>
      <p className="bubble__text words">{text}</p>
      <p className="bubble__foot">
        <time dateTime={createdAt}>{clockTime(createdAt)}</time>
        {isOwn && <span className={`bubble__status bubble__status--${status}`}>{statusWords[status]}</span>}
      </p>
    </li>
  );
}

/** What the server doesn't have yet, or doesn't take. */
export function WaitingBubble({ waiting }: { readonly waiting: Waiting }) {
  const { messages } = useDesk();
  const { clientId, text, refusal } = waiting;
  return (
    <li className="bubble bubble--own bubble--waiting">
      <p className="sr-only">You:</p>
      <p className="bubble__text words">{text}</p>
      {refusal === null ? (
        <p className="bubble__foot">Waiting to be sent</p>
      ) : (
        <div className="bubble__refusal" role="alert">
          <p>Not sent. {refusal}</p>
          <button type="button" className="button button--small" onClick={() => messages.sayAgain(clientId)}>
            Try again
          </button>
          <button type="button" className="button button--small" onClick={() => messages.unsay(clientId)}>
            Discard
          </button>
        </div>
      )}
    </li>
  );
}
