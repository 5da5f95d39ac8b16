import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startServer, stopServers, type RunningServer } from '../server.js';
import { inBrowser, launch, noBrowser, openWindow, patienceMs, row, signInAs } from './windows.js';

describe.skipIf(noBrowser)(inBrowser('who books'), { timeout: patienceMs }, () => {
  let browser: Browser;
  let server: RunningServer;
  let page: Page;

  beforeAll(async () => {
    [browser, server] = await Promise.all([
      launch(),
      startServer({
        environment: {
          CLINIC_ZONE: zoneWhereItIsEvening(),
          LIMIT_BOOKING_DAYS: '2',
          LIMIT_OPEN_BOOKINGS: '1',
        },
      }),
    ]);
  }, patienceMs);

  afterAll(async () => {
    await browser?.close();
    await stopServers();
  });

  beforeEach(async () => {
    page = await openWindow(browser, server, { timezoneId: 'Pacific/Kiritimati' });
  }, patienceMs);

  it('is told by whose clock the clinic goes, before there is any appointment', async () => {
    await signInAs(page, 'Doctor');

    await page.getByText(/^(Today · )?0 appointments · Times are the clinic’s: Etc\/GMT/).waitFor();
  });

  it('begins on the first day that has free times, comes to the last one, and hears when it is enough', async () => {
    await signInAs(page, 'Patient');
    const times = page.getByRole('group', { name: 'Free times' });
    const date = page.getByLabel('Date', { exact: true });

    await page.getByRole('button', { name: 'Book your first appointment' }).click();
    await times.waitFor();
    // After six in the clinic: tomorrow by its clock.
    const [first, last] = [await date.inputValue(), await date.getAttribute('max')];
    expect(first).toBe(clinicDay(1));
    expect(last).toBe(clinicDay(2));
    await page.getByRole('button', { name: 'Next day' }).click();
    expect(await date.inputValue()).toBe(last);
    expect(await page.getByRole('button', { name: 'Next day' }).isDisabled()).toBe(true);
    await book();
    await row(page, 'Dr.').waitFor();

    await page.getByRole('button', { name: 'Book appointment' }).click();
    await book();
    await page.getByText('as many appointments ahead as can be booked online').waitFor();

    async function book(): Promise<void> {
      await times.getByRole('radio', { name: '10:00' }).check();
      await page.getByRole('button', { name: 'Book', exact: true }).click();
    }
  });
});

/** So that today's free time is over whenever the test runs. `Etc/GMT-5` is five hours ahead of UTC. */
function hoursAhead(): number {
  return ((20 - new Date().getUTCHours() + 36) % 24) - 12;
}

function zoneWhereItIsEvening(): string {
  return `Etc/GMT${hoursAhead() > 0 ? '-' : '+'}${Math.abs(hoursAhead())}`;
}

function clinicDay(daysAhead: number): string {
  return new Date(Date.now() + hoursAhead() * 3_600_000 + daysAhead * 86_400_000).toISOString().slice(0, 10);
}
