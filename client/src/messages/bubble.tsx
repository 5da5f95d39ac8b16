import { useDesk } from '../app/app-context.js';
import type { ConversationMessage } from '../api/types.js';
import { clockTime } from '../time/clock-time.js';
import type { Waiting } from './outbox.js';
import { say } from '../words/words.js';
import { Text } from '../ui/text.js';

interface BubbleProps {
  readonly message: ConversationMessage;
  readonly isOwn: boolean;
}

/** What somebody said. How far it has come is its sender's to know. */
export function Bubble({ message, isOwn }: BubbleProps) {
  const { senderName, text, createdAt, status } = message;
  return (
    <li className={`bubble${isOwn ? ' bubble--own' : ''}`}>
      <p className="sr-only">{say('messages.saidBy', { name: isOwn ? say('messages.you') : senderName })}</p>
      <p className="bubble__text words">
        <Text>{text}</Text>
      </p>
      <p className="bubble__foot">
        <time dateTime={createdAt}>{clockTime(createdAt)}</time>
        {isOwn && (
          <span className={`bubble__status bubble__status--${status}`}>{say(`receipt.${status}`)}</span>
        )}
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
      <p className="sr-only">{say('messages.saidBy', { name: say('messages.you') })}</p>
      <p className="bubble__text words">
        <Text>{text}</Text>
      </p>
      {refusal === null ? (
        <p className="bubble__foot">{say('messages.waiting')}</p>
      ) : (
        <div className="bubble__refusal" role="alert">
          <p>{say('messages.notSent', { why: refusal })}</p>
          <button type="button" className="button button--small" onClick={() => messages.sayAgain(clientId)}>
            {say('messages.again')}
          </button>
          <button type="button" className="button button--small" onClick={() => messages.unsay(clientId)}>
            {say('messages.discard')}
          </button>
        </div>
      )}
    </li>
  );
}
