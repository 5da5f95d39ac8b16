import { useEffect, useState } from 'react';
import { useDesk } from '../app/app-context.js';
import type { AppointmentStatus, DashboardStats } from '../api/types.js';
import { StatusChip } from '../appointments/status-chip.js';
import { useStore } from '../state/use-store.js';
import { say } from '../words/words.js';

const order: readonly AppointmentStatus[] = [
  'booked',
  'arrived',
  'checked-in',
  'fulfilled',
  'noshow',
  'cancelled',
];

/** The clinic in numbers, as /topic/dashboard-stats has them. */
export function Stats() {
  const stats = useStats();
  const isLive = useStore(useDesk().realtime.status).state === say('stats.live');
  return (
    <section aria-labelledby="stats-title" className="card stats">
      <h2 id="stats-title">
        {say('stats.now')}{' '}
        <span className="muted small">{stats && isLive ? say('stats.live') : say('stats.waiting')}</span>
      </h2>
      <dl className="stats__big">
        <div>
          <dt>{say('stats.connections')}</dt>
          <dd>{stats?.connections ?? '–'}</dd>
        </div>
        <div>
          <dt>{say('stats.today')}</dt>
          <dd>{stats?.appointmentsToday ?? '–'}</dd>
        </div>
      </dl>
      {stats && (
        <ul className="stats__statuses">
          {order.map((status) => (
            <li key={status}>
              <StatusChip status={status} />
              <span className="stats__bar" aria-hidden="true">
                <span style={{ inlineSize: `${share(stats, status)}%` }} />
              </span>
              <span className="stats__count">{stats.byStatus[status] ?? 0}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function useStats(): DashboardStats | null {
  const { realtime } = useDesk();
  const [stats, setStats] = useState<DashboardStats | null>(null);
  useEffect(
    () =>
      realtime.subscribe({
        destination: '/topic/dashboard-stats',
        onMessage: ({ body }) => setStats(body as DashboardStats),
      }),
    [realtime],
  );
  return stats;
}

function share({ byStatus }: DashboardStats, status: AppointmentStatus): number {
  const all = Object.values(byStatus).reduce((sum, count) => sum + count, 0);
  return all === 0 ? 0 : (100 * (byStatus[status] ?? 0)) / all;
}
