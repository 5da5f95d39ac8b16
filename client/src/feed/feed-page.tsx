import { useEffect, useState } from 'react';
import { useDesk } from '../app/app-context.js';
import { root } from '../app/root.js';
import { closeCalendarFeed, getCalendarFeed, openCalendarFeed } from '../api/calendar-feed.js';
import { explain } from '../api/problem.js';
import { clock } from '../state/clock.js';
import { dayAndTime } from '../time/clock-time.js';
import { FormAlert } from '../ui/alert.js';
import { Skeleton } from '../ui/list-states.js';
import { PageLink } from '../ui/page-link.js';
import '../hours/hours.css';
import '../one/one.css';
import { say } from '../words/words.js';

interface Feed {
  readonly createdAt: string | null;
  /** Told once, when it is made. */
  readonly url?: string;
}

/** The address under which the calendar on a phone reads the own appointments. */
export function FeedPage() {
  const { http, user } = useDesk();
  const [feed, setFeed] = useState<Feed>();
  const [failure, setFailure] = useState('');
  const [said, tell] = useState('');

  function run(work: () => Promise<Feed>): void {
    setFailure('');
    tell('');
    work().then(setFeed, (error: unknown) => setFailure(explain(error)));
  }

  useEffect(() => {
    getCalendarFeed(http).then(setFeed, (error: unknown) => setFailure(explain(error)));
  }, [http]);

  async function renew(): Promise<Feed> {
    const { createdAt, path } = await openCalendarFeed(http);
    return { createdAt, url: new URL(path, root).href };
  }

  async function revoke(): Promise<Feed> {
    await closeCalendarFeed(http);
    return { createdAt: null };
  }

  async function copy(url: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(url);
      tell(say('feed.copied'));
    } catch {
      tell(say('feed.noCopy'));
    }
  }

  return (
    <>
      <header className="page-head">
        <div className="words">
          <p className="eyebrow">{user.name}</p>
          <h1>{say('menu.calendar')}</h1>
        </div>
      </header>
      <section className="card hours__card form" aria-label={say('feed.address')}>
        <p>{say('feed.about')}</p>
        {!feed && failure === '' && <Skeleton label={say('common.loading')} rows={1} />}
        {feed?.url !== undefined && (
          <label className="field">
            <span>{say('feed.once')}</span>
            <input readOnly value={feed.url} onFocus={(event) => event.target.select()} />
          </label>
        )}
        {feed && feed.url === undefined && (
          <p className="muted">
            {feed.createdAt === null
              ? say('feed.none')
              : say('feed.made', {
                  when: dayAndTime(
                    feed.createdAt,
                    Intl.DateTimeFormat().resolvedOptions().timeZone,
                    clock.now(),
                  ),
                })}
          </p>
        )}
        <FormAlert>{failure}</FormAlert>
        <div className="row">
          {feed?.url !== undefined && (
            <button
              type="button"
              className="button button--primary"
              onClick={() => void copy(feed.url ?? '')}
            >
              {say('common.copy')}
            </button>
          )}
          {feed && (
            <button type="button" className="button" onClick={() => run(renew)}>
              {feed.createdAt === null ? say('feed.make') : say('feed.renew')}
            </button>
          )}
          {feed && feed.createdAt !== null && (
            <button type="button" className="button button--quiet-danger" onClick={() => run(revoke)}>
              {say('feed.revoke')}
            </button>
          )}
          <span role="status" className="small">
            {said}
          </span>
        </div>
      </section>
      <p className="one__back">
        <PageLink to="/">{say('one.toList')}</PageLink>
      </p>
    </>
  );
}
