import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, stopServers, type RunningServer } from '../server.js';
import { inBrowser, launch, liveChip, noBrowser, openWindow, patienceMs, signInAs } from './windows.js';

/** The demo has no mail server: its links stand in the log. */
describe.skipIf(noBrowser)(inBrowser('an e-mail address that is changed'), { timeout: patienceMs }, () => {
  let browser: Browser;
  let server: RunningServer;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer({ environment: { LOG_LEVEL: 'info' } })]);
  }, patienceMs);

  afterAll(async () => {
    await browser?.close();
    await stopServers();
  });

  it('is confirmed by its link, once; the page stays signed in, and the new one signs in', async () => {
    const page = await openWindow(browser, server);
    await signInAs(page, 'Patient');
    await page.goto('/account');
    const form = page.locator('form', { hasText: 'New e-mail address' });
    await form.getByLabel('New e-mail address').fill('paula@new.example');
    await form.getByLabel('Present password').fill('carillon');
    await form.getByRole('button', { name: 'Mail a link to it' }).click();
    await page.getByText('If the address is free').waitFor();

    await expect.poll(() => linkIn(server.output())).toBeDefined();
    const other = await openWindow(browser, server);
    await other.goto(`${server.url}${linkIn(server.output())}`);
    await other.getByRole('button', { name: 'Confirm', exact: true }).click();
    await other.getByText('Confirmed.').waitFor();
    await other.goto('about:blank');
    await other.goto(`${server.url}${linkIn(server.output())}`);
    await other.getByRole('button', { name: 'Confirm', exact: true }).click();
    await other.getByRole('alert').getByText('This link is too old').waitFor();

    await page.reload();
    await liveChip(page).waitFor();
    await page.getByText('paula@new.example').first().waitFor();
    await other.goto(server.url);
    await other.getByLabel('E-mail').fill('paula@new.example');
    await other.getByLabel('Password', { exact: true }).fill('carillon');
    await other.getByRole('button', { name: 'Sign in', exact: true }).click();
    await liveChip(other).waitFor();
  });
});

function linkIn(log: string): string | undefined {
  return /\/confirm-email#[\w-]+/.exec(log)?.[0];
}
