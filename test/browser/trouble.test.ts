import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { book } from '../booking.js';
import { signIn } from '../caller.js';
import { startServer, stopServers, type RunningServer } from '../server.js';
import {
  inBrowser,
  launch,
  liveChip,
  noBrowser,
  openWindow,
  patienceMs,
  row,
  signInAs,
  toasts,
} from './windows.js';

describe.skipIf(noBrowser)(inBrowser('when something goes wrong'), { timeout: patienceMs }, () => {
  let browser: Browser;
  let server: RunningServer;
  let page: Page;

  beforeAll(async () => {
    browser = await launch();
  }, patienceMs);

  afterAll(() => browser?.close());

  beforeEach(async () => {
    server = await startServer();
    page = await openWindow(browser, server);
  }, patienceMs);

  afterEach(async () => {
    await page.context().close();
    await stopServers();
  });

  it('what was missed without a network is told as one and is in the list', async () => {
    const [patient, doctor] = await Promise.all([
      signIn(server.url, 'patient@example.org'),
      signIn(server.url, 'doctor@example.org'),
    ]);
    await signInAs(page, 'Doctor');

    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'Connection: Offline' }).waitFor();
    await book(patient, doctor);
    await book(patient, doctor);
    await page.context().setOffline(false);

    await toasts(page).filter({ hasText: 'While you were away: 2 updates' }).waitFor();
    await page.getByRole('button', { name: 'Notifications, 2 new' }).waitFor();
    await liveChip(page).waitFor();
    expect(await toasts(page).count()).toBe(1);
  });

  it('a server that is killed and comes back is found again, without a reload', async () => {
    await signInAs(page, 'Doctor');

    server.kill('SIGKILL');
    await page.getByRole('button', { name: /^Connection: Reconnecting, next try in \d+ s$/ }).waitFor();
    await page.getByRole('button', { name: /^Connection/ }).click();
    await page.getByRole('button', { name: 'Try now' }).waitFor();
    server = await startServer({
      directory: server.directory,
      environment: { PORT: String(server.port) },
    });
    await page.getByRole('button', { name: 'Connection: Live - WebSocket' }).waitFor();

    const [patient, doctor] = await Promise.all([
      signIn(server.url, 'patient@example.org'),
      signIn(server.url, 'doctor@example.org'),
    ]);
    await book(patient, doctor);
    await toasts(page).filter({ hasText: 'New appointment' }).waitFor();
  });

  it('a time that somebody else took is explained, with free ones nearby', async () => {
    const other = await signIn(server.url, 'patient2@example.org');
    await signInAs(page, 'Patient');
    await page.getByRole('button', { name: 'Book appointment' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Next day' }).click();
    const time = dialog.getByRole('radio', { name: '11:00' });
    await time.check();

    const [doctor] = (await other.get<{ items: { id: number }[] }>('/api/doctors')).items;
    await other.post('/api/appointments', {
      doctorId: doctor?.id,
      startsAt: await time.getAttribute('value'),
    });
    await dialog.getByRole('button', { name: 'Book', exact: true }).click();

    await dialog.getByRole('alert').getByText('That time was just taken').waitFor();
    await dialog.getByText('11:00 was just taken.').waitFor();
    await dialog.getByRole('button', { name: '11:30' }).click();
    await dialog.getByRole('button', { name: 'Book', exact: true }).click();
    await row(page, '11:30').getByText('Booked', { exact: true }).waitFor();
  });

  it('a session that ends elsewhere is said, and the next sign-in leads back to the same page', async () => {
    await signInAs(page, 'Patient');
    await page.getByRole('link', { name: 'Past' }).click();
    const token = await page.evaluate<string>(
      "JSON.parse(sessionStorage.getItem('carillon.login')).login.token",
    );

    await fetch(`${server.url}/api/auth/logout`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
    });

    await page.getByText('Signed out on another tab or device.').waitFor();
    await page.getByRole('button', { name: 'Sign in as Patient', exact: true }).click();
    await page.getByText('Nothing in the past').waitFor();
  });

  it('a wrong password is refused in words, and the form stays', async () => {
    await page.goto('/');
    await page.getByLabel('E-mail').fill('patient@example.org');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();

    await page.getByRole('alert').getByText('This e-mail address and password don’t match.').waitFor();
    expect(await page.getByLabel('E-mail').inputValue()).toBe('patient@example.org');
  });
});
