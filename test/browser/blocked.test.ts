import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { book } from '../booking.js';
import { signIn } from '../caller.js';
import { startServer, stopServers, type RunningServer } from '../server.js';
import { inBrowser, launch, noBrowser, openWindow, patienceMs, row, toasts } from './windows.js';

describe.skipIf(noBrowser)(inBrowser('where nothing below /ws gets through'), { timeout: patienceMs }, () => {
  let browser: Browser;
  let server: RunningServer;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
  }, patienceMs);

  afterAll(async () => {
    await browser?.close();
    await stopServers();
  });

  it('the page hears by Server-Sent Events, and says so', async () => {
    const page = await signedIn();
    await page.getByRole('button', { name: 'Connection: Live (receive only) - SSE' }).waitFor();

    const operator = await signIn(server.url, 'operator@example.org');
    await operator.post('/api/notifications', { email: 'patient@example.org', message: 'by a stream' });
    await operator.post('/api/announcements', { message: 'The lift is out of order.' });

    await toasts(page).filter({ hasText: 'by a stream' }).waitFor();
    await toasts(page).filter({ hasText: 'The lift is out of order.' }).waitFor();
    expect(await page.getByText('No live connection').count()).toBe(0);
  });

  it('and where no stream gets through, the page asks by itself, and says that it does', async () => {
    const page = await signedIn(/\/(stream|events)/);
    await page.getByRole('button', { name: 'Connection: Not live - asks every 20 s' }).waitFor();
    await page.getByText('No live connection: this page asks every 20 seconds.').waitFor();

    const [patient, doctor] = await Promise.all([
      signIn(server.url, 'patient@example.org'),
      signIn(server.url, 'doctor@example.org'),
    ]);
    const { id } = await book(patient, doctor);
    await doctor.post(`/api/appointments/${id}/cancel`, { reason: 'ill' });

    await toasts(page).filter({ hasText: 'Appointment cancelled' }).waitFor();
    await page.getByRole('link', { name: 'Cancelled' }).click();
    await row(page, 'a check-up').getByText('Cancelled', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: /^Notifications, \d new$/ }).count()).toBe(1);
  });

  /** @param blocked what is held back besides */
  async function signedIn(blocked?: RegExp): Promise<Page> {
    const page = await openWindow(browser, server);
    page.setDefaultTimeout(patienceMs - 10_000);
    await page.routeWebSocket(/\/ws/, (socket) => socket.close());
    await page.route(/\/ws(\/|$)/, (route) => route.fulfill({ status: 404 }));
    if (blocked) await page.route(blocked, (route) => route.fulfill({ status: 404 }));
    await page.goto('/');
    await page.getByRole('button', { name: 'Sign in as Patient', exact: true }).click();
    return page;
  }
});
