import { useDesk } from '../app/app-context.js';
import { PageLink } from '../ui/page-link.js';
import { say } from '../words/words.js';

/** The ways in which a doctor's work is looked at; and for operators, whether people hear of it. */
export function Views({ current }: { readonly current: 'day' | 'week' | 'hours' | 'delivery' }) {
  const { user } = useDesk();
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
      {user.role === 'operator' && (
        <PageLink to="/delivery" className="switch__link" isCurrent={current === 'delivery'}>
          {say('delivery.title')}
        </PageLink>
      )}
    </nav>
  );
}
