import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, stopServers, type RunningServer } from '../server.js';
import { inBrowser, launch, noBrowser, openWindow, patienceMs, signInAs } from './windows.js';

describe.skipIf(noBrowser)(inBrowser('on a narrow phone'), { timeout: patienceMs }, () => {
  let browser: Browser;
  let server: RunningServer;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
  }, patienceMs);

  afterAll(async () => {
    await browser?.close();
    await stopServers();
  });

  it.each(['Patient', 'Doctor', 'Operator'])(
    'nothing of the %s’s pages is wider than the screen',
    async (card) => {
      const page = await openWindow(browser, server, {
        viewport: { width: 360, height: 700 },
        isMobile: true,
      });
      const overflow = () => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');

      await page.goto('/');
      await page.getByRole('button', { name: 'Sign in as Patient' }).waitFor();
      expect(await overflow()).toBe(0);
      await signInAs(page, card);
      expect(await overflow()).toBe(0);
      await page.getByRole('button', { name: /^Notifications/ }).click();
      expect(await overflow()).toBe(0);
    },
  );

  it('a page that is loaded has no error of its own, nor one of the security policy', async () => {
    const page = await openWindow(browser, server);
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });

    await signInAs(page, 'Operator');

    expect(complaints).toEqual([]);
  });
});
