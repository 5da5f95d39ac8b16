import type { Attacker } from '../attacker.js';
import type { Scenario } from '../scenario.js';

export const rows: Scenario = {
  name: 'rows',
  kind: 6,
  about: 'Makes rows: changes, kept answers, sessions, tickets, accounts, bookings of hours.',
  async attack(attacker) {
    const { random } = attacker;
    await attacker.repeat(
      async (round) => {
        const way = ways[round] ?? random.pick(ways);
        const count = random.magnitude(20, 1_000);
        // The first of them is known to have made five thousand rows in ten seconds.
        const requests = Array.from({ length: count }, (_, i) => way(attacker, i));
        await attacker.pipeline(requests.join(''), count, random.pick(['reads', 'reads', 'gone']));
      },
      { atOnce: 3 },
    );
  },
};

const ways: readonly ((attacker: Attacker, i: number) => string)[] = [
  (attacker) => attacker.signedRequest('PATCH', appointment(attacker), { reason: unique(attacker) }),
  (attacker) =>
    attacker.signedRequest('PATCH', appointment(attacker), {}, { 'Idempotency-Key': unique(attacker) }),
  (attacker) => attacker.signedRequest('POST', '/api/auth/ticket'),
  (attacker) => attacker.signedRequest('POST', '/api/auth/refresh'),
  (attacker) =>
    attacker.signedRequest('POST', '/api/appointments', {
      doctorId: attacker.job.doctorId,
      startsAt: morning(attacker.random.between(2, 170)),
      durationMinutes: attacker.random.pick([15, 600, 240]),
      reason: unique(attacker),
    }),
  (attacker, i) =>
    attacker.signedRequest('PATCH', `/api/notifications/${attacker.job.account.notificationId}`, {
      isRead: i % 2 === 0,
    }),
  (attacker) => attacker.signedRequest('POST', `${appointment(attacker)}/cancel`, {}, { 'If-Match': '"0"' }),
  (attacker) =>
    attacker.signedRequest(
      'PUT',
      `${appointment(attacker)}/status`,
      { status: 'fulfilled' },
      { 'Idempotency-Key': unique(attacker) },
    ),
];

function appointment({ job }: Attacker): string {
  return `/api/appointments/${job.account.appointmentId}`;
}

function unique({ random }: Attacker): string {
  return `${random.between(0, 1e9)}-${random.between(0, 1e9)}`;
}

function morning(daysAhead: number): string {
  return new Date(new Date(Date.now() + daysAhead * 24 * 3_600_000).setUTCHours(8, 0, 0, 0)).toISOString();
}
