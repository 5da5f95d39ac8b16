import { PageLink } from '../ui/page-link.js';
import { say } from '../words/words.js';

/** The ways in which a doctor's work is looked at. */
export function Views({ current }: { readonly current: 'day' | 'week' | 'hours' }) {
  return (
    <nav aria-label={say('views.views')} className="switch views">
      <PageLink to="/" className="switch__link" isCurrent={current === 'day'}>
        {say('views.day')}
      </PageLink>
      <PageLink to="/week" className="switch__link" isCurrent={current === 'week'}>
        {say('views.week')}
      </PageLink>
      <PageLink to="/hours" className="switch__link" isCurrent={current === 'hours'}>
        {say('views.hours')}
      </PageLink>
    </nav>
  );
}
