import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, stopServers, type RunningServer } from '../server.js';
import { inBrowser, launch, noBrowser, openWindow, patienceMs, signInAs, toasts } from './windows.js';

describe.skipIf(noBrowser)(inBrowser('an announcement'), { timeout: patienceMs }, () => {
  let browser: Browser;
  let server: RunningServer;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
  }, patienceMs);

  afterAll(async () => {
    await browser?.close();
    await stopServers();
  });

  it('pops up for everybody who is connected and stays until it is dismissed', async () => {
    const pages = await Promise.all(['Patient', 'Doctor', 'Operator'].map((card) => signedIn(card)));
    const operator = pages[2]!;

    await operator.getByRole('textbox', { name: 'Message' }).fill('The lift is out of order.');
    await operator.getByRole('button', { name: 'Announce' }).click();

    for (const page of pages) {
      const toast = toasts(page).filter({ hasText: 'The lift is out of order.' });
      await toast.waitFor();
      await toast.getByRole('button', { name: 'Dismiss: Announcement' }).click();
      await toast.waitFor({ state: 'detached' });
    }
    expect(await operator.getByRole('textbox', { name: 'Message' }).inputValue()).toBe('');
  });

  async function signedIn(card: string) {
    const page = await openWindow(browser, server);
    await signInAs(page, card);
    return page;
  }
});
