import { useDesk } from '../app/app-context.js';
import type { Day } from '../time/day.js';
import { PageLink } from '../ui/page-link.js';
import { say } from '../words/words.js';

interface ViewsProps {
  readonly current: 'day' | 'week' | 'hours' | 'delivery';
  /** Which one is looked at, unless it is today: day and week show the same time. */
  readonly day?: Day | undefined;
}

/** The ways in which a doctor's work is looked at; and for operators, whether people hear of it. */
export function Views({ current, day }: ViewsProps) {
  const { user } = useDesk();
  return (
    <nav aria-label={say('views.views')} className="switch views">
      <PageLink
        to={day === undefined ? '/' : `/day/${day}`}
        className="switch__link"
        isCurrent={current === 'day'}
      >
        {say('views.day')}
      </PageLink>
      <PageLink
        to={day === undefined ? '/week' : `/week/${day}`}
        className="switch__link"
        isCurrent={current === 'week'}
      >
        {say('views.week')}
      </PageLink>
      <PageLink to="/hours" className="switch__link" isCurrent={current === 'hours'}>
        {say('views.hours')}
      </PageLink>
      {user.role === 'operator' && (
        <PageLink to="/delivery" className="switch__link" isCurrent={current === 'delivery'}>
          {say('delivery.title')}
        </PageLink>
      )}
    </nav>
  );
}
