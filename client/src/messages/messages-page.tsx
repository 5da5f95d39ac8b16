import { useDesk } from '../app/app-context.js';
import { path } from '../app/router.js';
import { useStore } from '../state/use-store.js';
import { Empty } from '../ui/list-states.js';
import { conversationIn } from './address.js';
import { ConversationRows } from './conversation-rows.js';
import { ThreadView } from './thread-view.js';
import './messages.css';
import { say } from '../words/words.js';

/** The conversations, and beside them, or on a phone instead of them, the one that is open. */
export function MessagesPage() {
  const { user } = useDesk();
  const id = conversationIn(useStore(path));
  return (
    <div className={`messages${id === undefined ? '' : ' messages--open'}`}>
      <h1 className="messages__title">{say('messages.title')}</h1>
      <div className="messages__columns">
        <nav className="messages__list card" aria-label={say('messages.conversations')}>
          <ConversationRows openId={id} />
        </nav>
        <div className="messages__thread card">
          {id === undefined ? (
            <Empty icon="speech" title={say('messages.noneOpen')}>
              <p className="muted">
                {user.role === 'patient' ? say('messages.choosePatient') : say('messages.chooseStaff')}
              </p>
            </Empty>
          ) : (
            <ThreadView key={id} id={id} />
          )}
        </div>
      </div>
    </div>
  );
}
