import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { book } from '../booking.js';
import { signIn, type Caller } from '../caller.js';
import { startServer, stopServers, type RunningServer } from '../server.js';
import {
  inBrowser,
  launch,
  liveChip,
  noBrowser,
  openWindow,
  patienceMs,
  row,
  shiftClock,
  signInAs,
  toasts,
} from './windows.js';

const minute = 60_000;
const day = 24 * 60 * minute;
/** So that a token is renewed while somebody watches. */
const tokenMs = 8_000;

describe.skipIf(noBrowser).each([
  ['61 minutes ahead', 61 * minute],
  ['a day ahead', day],
  ['20 minutes behind', -20 * minute],
  ['a day behind', -day],
])(inBrowser('on a computer whose clock is %s'), { timeout: patienceMs }, (_, ahead) => {
  let browser: Browser;
  let server: RunningServer;
  let page: Page;
  let patient: Caller;
  let doctor: Caller;
  let refreshes = 0;

  beforeAll(async () => {
    [browser, server] = await Promise.all([
      launch(),
      startServer({ environment: { LIMIT_TOKEN_MS: String(tokenMs) } }),
    ]);
    page = await openWindow(browser, server);
    await shiftClock(page, ahead);
    page.on('request', (request) => {
      if (request.url().endsWith('/api/auth/refresh')) refreshes++;
    });
    [patient, doctor] = await Promise.all([
      signIn(server.url, 'patient@example.org'),
      signIn(server.url, 'doctor@example.org'),
    ]);
    await book(patient, doctor);
    await signInAs(page, 'Patient');
  }, patienceMs);

  afterAll(async () => {
    await browser?.close();
    await stopServers();
  });

  it('a reload signs nobody out, and asks for no new token', async () => {
    refreshes = 0;
    await page.reload();
    await liveChip(page).waitFor();

    expect(refreshes).toBe(0);
  });

  it('what has just rung was just now, and is in today’s group', async () => {
    await doctor.post('/api/appointments', {
      patientId: patient.user.id,
      doctorId: doctor.user.id,
      startsAt: await freeStart(),
    });
    await toasts(page).filter({ hasText: 'New appointment' }).waitFor();
    await page.getByRole('button', { name: /^Notifications/ }).click();
    const panel = page.getByRole('dialog', { name: 'Notifications' });

    await panel.getByRole('region', { name: 'Today' }).getByText('just now').first().waitFor();
    expect(await panel.getByRole('heading', { level: 3 }).allTextContents()).toEqual(['Today']);
    await page.keyboard.press('Escape');
  });

  it('the appointment of next week is still to come, and can be moved from today on', async () => {
    await row(page, 'a check-up')
      .getByRole('button', { name: /^Reschedule/ })
      .click();
    const date = page.getByLabel('Date', { exact: true });

    expect(await date.getAttribute('min')).toBe(new Date().toISOString().slice(0, 10));
    await page.getByRole('group', { name: 'Free times' }).waitFor();
    await page.keyboard.press('Escape');
  });

  it('the token is renewed in time, and once', async () => {
    refreshes = 0;
    const renewed = () => page.waitForResponse((answer) => answer.url().endsWith('/api/auth/refresh'));
    const [first, second] = [await renewed(), await renewed()];

    expect([first.status(), second.status()]).toEqual([200, 200]);
    expect(refreshes).toBe(2);
    await liveChip(page).waitFor();
  });

  async function freeStart(): Promise<string> {
    const date = new Date(Date.now() + 3 * day).toISOString().slice(0, 10);
    const { items } = await patient.get<{ items: { startsAt: string }[] }>(
      `/api/doctors/${doctor.user.id}/slots?date=${date}`,
    );
    return items[0]!.startsAt;
  }
});
