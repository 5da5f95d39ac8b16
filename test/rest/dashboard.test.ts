import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Broker } from '../../src/library/broker/broker.js';
import type { Dashboard } from '../../src/clinic/appointments/dashboard-stats.js';
import { ask, openClinic, signIn, type Clinic, type Login } from './clinic.js';
import { connect } from './stomp.js';

let clinic: Clinic;
let patient: Login;
const published: Dashboard[] = [];
const times: number[] = [];
let look = (): void => undefined;

beforeAll(async () => {
  clinic = await openClinic({ LIMIT_DASHBOARD_MS: '200', CLINIC_ZONE: zoneWhereItIsNine() });
  patient = await signIn(clinic, 'patient');
  clinic.application.get(Broker).subscribe('/topic/dashboard-stats', {
    deliver: ({ body }) => {
      published.push(JSON.parse(Buffer.from(body).toString()) as Dashboard);
      times.push(performance.now());
      look();
    },
    hasCapacity: () => true,
    onCapacity: () => undefined,
  });
});
afterAll(() => clinic.close());

describe('the dashboard', () => {
  it('follows the connections that open and close', async () => {
    const cut = new AbortController();
    await fetch(`${clinic.url}/api/notifications/stream`, {
      headers: { Authorization: `Bearer ${patient.token}` },
      signal: cut.signal,
    });
    await shows({ connections: 1 });

    cut.abort();
    await shows({ connections: 0 });
  });

  it('counts the appointments of today by status, and without those that were cancelled', async () => {
    const startsAt = new Date((Math.floor(Date.now() / 900_000) + 2) * 900_000);

    const { body } = await ask<{ id: number }>(`${clinic.url}/api/appointments`, {
      token: patient.token,
      body: { doctorId: 3, startsAt, durationMinutes: 15 },
    });
    await shows({ appointmentsToday: 1, byStatus: { booked: 1 } });

    await ask(`${clinic.url}/api/appointments/${body.id}/cancel`, { token: patient.token, body: {} });
    await shows({ appointmentsToday: 0, byStatus: { cancelled: 1 } });
  });

  it('shows who subscribes what was said last, and shows it to nobody else', async () => {
    const wall = await connect(clinic, await signIn(clinic, 'operator'));
    await shows({ connections: 1 });
    const before = published.length;

    const subscription = await wall.subscribe('/topic/dashboard-stats');

    expect((await subscription.next()).body).toEqual(published.at(-1));
    expect(published.length).toBe(before);
    await wall.close();
    await shows({ connections: 0 });
  });

  it('says nothing twice, and nothing faster than its interval', () => {
    const texts = published.map((dashboard) => JSON.stringify(dashboard));

    expect(texts.filter((text, i) => text === texts[i - 1])).toEqual([]);
    expect(times.slice(1).every((time, i) => time - times[i]! > 150)).toBe(true);
  });
});

/** Resolves when the newest dashboard is like this. */
function shows(expected: Partial<Dashboard>): Promise<void> {
  return new Promise((resolve) => {
    look = () => {
      const newest = published.at(-1);
      if (newest && JSON.stringify({ ...newest, ...expected }) === JSON.stringify(newest)) resolve();
    };
    look();
  });
}

/** So that today has free slots whenever the test runs. `Etc/GMT-5` is five hours ahead of UTC. */
function zoneWhereItIsNine(): string {
  const ahead = ((9 - new Date().getUTCHours() + 36) % 24) - 12;
  return `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}
