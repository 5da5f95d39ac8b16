import { PageLink } from '../ui/page-link.js';

/** The ways in which a doctor's work is looked at. */
export function Views({ current }: { readonly current: 'day' | 'week' | 'hours' }) {
  return (
    <nav aria-label="Views" className="switch views">
      <PageLink to="/" className="switch__link" isCurrent={current === 'day'}>
        Day
      </PageLink>
      <PageLink to="/week" className="switch__link" isCurrent={current === 'week'}>
        Week
      </PageLink>
      <PageLink to="/hours" className="switch__link" isCurrent={current === 'hours'}>
        Hours and days off
      </PageLink>
    </nav>
  );
}
