import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { book } from '../booking.js';
import { signIn, type Caller } from '../caller.js';
import { PushService } from '../push-service.js';
import { startServer, stopServers, type RunningServer } from '../server.js';
import { inBrowser, launch, liveChip, noBrowser, openWindow, patienceMs, signInAs } from './windows.js';

describe.skipIf(noBrowser)(inBrowser('why she did not hear of it'), { timeout: patienceMs }, () => {
  let browser: Browser;
  let server: RunningServer;
  let service: PushService;
  let patient: Caller;
  let doctor: Caller;

  beforeAll(async () => {
    service = await PushService.start();
    const environment = {
      PUSH_PRIVATE_HOSTS: '127.0.0.1',
      LIMIT_PUSH_AFTER_MS: '50',
      LIMIT_DELIVERY_POLL_MS: '50',
    };
    [browser, server] = await Promise.all([launch(), startServer({ environment })]);
    [patient, doctor] = await Promise.all([
      signIn(server.url, 'patient@example.org'),
      signIn(server.url, 'doctor@example.org'),
    ]);
  }, patienceMs);
  afterAll(async () => {
    await browser?.close();
    await stopServers();
    await service?.stop();
  });

  it('is answered by one page: no page was open, her device takes no more pushes, and at last she saw it', async () => {
    const { pushKey } = await patient.get<{ pushKey: string }>('/api/channels');
    const subscription = service.subscribe(pushKey);
    service.answerNext(subscription.path, (_, response) => response.writeHead(410).end());
    await patient.post('/api/devices', { ...subscription, name: 'Firefox on Android' });
    const { id } = await book(patient, doctor);
    await doctor.post(`/api/appointments/${id}/cancel`, { reason: 'My left knee' });
    const page = await openWindow(browser, server);
    await signInAs(page, 'Operator');

    await page.getByRole('link', { name: 'Delivery' }).click();
    await page.getByLabel('Patient').fill('paula');
    await page.getByRole('button', { name: /^Paula Brandt/ }).click();
    await page.getByRole('link', { name: 'Appointment cancelled' }).click();

    await story(
      page,
      /Push to Firefox on Android failed: the device takes no more pushes \(410\), and was removed/,
    );
    await story(page, /Dr\. Amara Osei made the change; written into the inbox/);
    await page.getByText('Nobody has seen it yet').waitFor();
    await page.getByText('E-mail: this clinic doesn’t have it').waitFor();

    const herPage = await openWindow(browser, server);
    await signInAs(herPage, 'Patient');
    await herPage.getByRole('button', { name: /^Notifications/ }).click();
    await herPage.locator('.notice').first().waitFor();
    await page.reload();
    await page.getByText('It was seen.').waitFor();

    await story(page, /Seen$/);
    expect(await page.getByRole('main').innerText()).not.toContain('knee');
  });

  it('shows who is to be reminded, and by name', async () => {
    const page = await openWindow(browser, server);
    await book(await signIn(server.url, 'patient2@example.org'), doctor);
    await signInAs(page, 'Operator');
    await page.goto('/delivery');

    const due = page.getByRole('list', { name: 'Reminders' });

    await due.getByRole('link', { name: 'Jonas Keller' }).first().waitFor();
    await due
      .getByText(/^24 h before/)
      .first()
      .waitFor();
  });

  it.each([
    ['is open', (page: Page) => signInAsJonas(page), () => Promise.resolve()],
    ['is opened', () => Promise.resolve(), (page: Page) => signInAsJonas(page)],
  ])('what a page has that %s was delivered, and says the history so', async (_, before, after) => {
    const [herPage, page] = await Promise.all([openWindow(browser, server), openWindow(browser, server)]);
    await before(herPage);
    const other = await signIn(server.url, 'patient2@example.org');
    const { id } = await book(other, doctor);
    await doctor.post(`/api/appointments/${id}/cancel`, { reason: 'Ill' });
    await after(herPage);
    await signInAs(page, 'Doctor');
    await page.goto(`/appointments/${id}`);

    await expect
      .poll(async () => {
        await page.getByRole('button', { name: 'Look again' }).click();
        return page.getByRole('listitem').filter({ hasText: 'cancelled it' }).innerText();
      })
      .toMatch(/Patient: delivered at \d\d:\d\d$/);
    await Promise.all([herPage.context().close(), page.context().close()]);
  });

  it('is for operators alone', async () => {
    const page = await openWindow(browser, server);
    await signInAs(page, 'Doctor');

    expect(await page.getByRole('link', { name: 'Delivery' }).count()).toBe(0);
    await page.goto('/delivery');
    await page.getByRole('navigation', { name: 'Views' }).waitFor();
    expect(await page.getByRole('heading', { name: 'Delivery' }).count()).toBe(0);
  });
});

/** The demo's second patient has a link beside the cards. */
async function signInAsJonas(page: Page): Promise<void> {
  await page.goto('/');
  await page.getByRole('button', { name: 'Jonas Keller' }).click();
  await liveChip(page).waitFor();
}

function story(page: Page, words: RegExp): Promise<void> {
  return page.getByRole('listitem').filter({ hasText: words }).first().waitFor();
}
