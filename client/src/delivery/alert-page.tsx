import { useCallback } from 'react';
import { followAlert } from '../api/delivery.js';
import type { AlertStory } from '../api/types.js';
import { useDesk } from '../app/app-context.js';
import { LoadError, Skeleton } from '../ui/list-states.js';
import { PageLink } from '../ui/page-link.js';
import { say } from '../words/words.js';
import { useMoment } from './moment.js';
import { timelineOf } from './timeline.js';
import { useLoaded } from './use-pages.js';
import { aboutWords, happeningWords, verdictWords, wayWords } from './words.js';
import '../appointments/patient.css';
import '../one/one.css';
import './delivery.css';

/** One alert, from the change that caused it to each device. */
export function AlertPage({ id }: { readonly id: number }) {
  const { http } = useDesk();
  const { loaded, error, reload } = useLoaded(useCallback(() => followAlert(http, id), [http, id]));
  if (error !== '' && !loaded) return <LoadError text={error} onRetry={reload} />;
  if (!loaded) return <Skeleton label={say('delivery.loadingAlert')} rows={5} />;
  return <Story story={loaded} />;
}

function Story({ story }: { readonly story: AlertStory }) {
  const { alert, recipient, by, ways } = story;
  const moment = useMoment();
  const minute = useMoment('short');
  const missing = ways.map(wayWords).filter((words) => words !== undefined);
  return (
    <>
      <p className="one__back">
        <PageLink to={`/delivery/people/${recipient.id}`}>{say('delivery.allOf')}</PageLink>
      </p>
      <header className="page-head">
        <div className="words">
          <p className="eyebrow">{recipient.name}</p>
          <h1>{aboutWords(alert)}</h1>
          {alert.startsAt !== null && (
            <p className="muted">
              {alert.appointmentId === null ? (
                say('delivery.appointment', { when: minute(alert.startsAt) })
              ) : (
                <PageLink to={`/appointments/${alert.appointmentId}`}>
                  {say('delivery.appointment', { when: minute(alert.startsAt) })}
                </PageLink>
              )}
            </p>
          )}
        </div>
      </header>
      <div className="delivery delivery--story">
        <section className="card delivery__part" aria-labelledby="alert-story">
          <h2 id="alert-story">{say('delivery.happened')}</h2>
          <p>
            <strong>{verdictWords(story)}</strong>
          </p>
          <ol className="history">
            {timelineOf(story).map((one) => {
              const words = happeningWords(one, by?.name ?? null);
              return (
                <li key={`${one.at} ${words}`} className="words">
                  <time dateTime={one.at} className="muted small delivery__at">
                    {moment(one.at)}
                  </time>
                  {words}
                </li>
              );
            })}
          </ol>
        </section>
        {missing.length > 0 && (
          <section className="card delivery__part" aria-labelledby="alert-ways">
            <h2 id="alert-ways">{say('delivery.notThere')}</h2>
            <ul className="delivery__plain">
              {missing.map((words) => (
                <li key={words}>{words}</li>
              ))}
            </ul>
            <p className="muted small">{say('delivery.byNow')}</p>
          </section>
        )}
      </div>
    </>
  );
}
