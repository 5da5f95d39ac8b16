import type { Channel } from '../realtime/tabs.js';
import type { Login } from '../api/types.js';
import type { Ending, Session } from './session.js';

const version = 1;

/** What tabs tell each other of who is signed in. */
type News =
  | { readonly type: 'who' }
  | { readonly type: 'login'; readonly login: Login; readonly ageMs: number; readonly stays: boolean }
  | { readonly type: 'end'; readonly userId: number; readonly ending: Ending };

/**
 * One login for all tabs of a person: what one tab gets or ends, the others have too. A tab in which nobody was chosen
 * takes the login of the only person who is signed in.
 * @param channel undefined where the browser has none: each tab is for itself then
 * @returns ends it
 */
export function shareSession(session: Session, channel: Channel | undefined): () => void {
  const line = new Line(channel);
  let heard: ReadonlyMap<number, News & { type: 'login' }> | undefined;

  function tell(): void {
    const own = session.own();
    if (own) line.post({ type: 'login', ...own });
  }

  channel?.addEventListener('message', ({ data }) => {
    const news = data as News & { readonly v: number };
    if (news.v !== version) return;
    if (news.type === 'who') tell();
    else if (news.type === 'end') session.endElsewhere(news.userId, news.ending);
    else if (!session.adopt(news) && heard) heard = new Map(heard).set(news.login.user.id, news);
  });
  const leave = session.onChange((change) => {
    if (change.type === 'began') tell();
    else line.post({ type: 'end', userId: change.userId, ending: change.ending });
  });

  if (!session.isChosen) {
    heard = new Map();
    line.post({ type: 'who' });
    setTimeout(() => {
      const [only, ...others] = heard?.values() ?? [];
      heard = undefined;
      if (only && others.length === 0 && !session.isChosen) session.take(only);
    }, patienceMs);
  }
  return () => {
    leave();
    channel?.close();
  };
}

/** What this tab says goes to all others. */
class Line {
  readonly #channel: Channel | undefined;

  constructor(channel: Channel | undefined) {
    this.#channel = channel;
  }

  post(news: News): void {
    this.#channel?.postMessage({ v: version, ...news });
  }
}

/** Other tabs answer within it, or nobody is signed in. */
const patienceMs = 150;
