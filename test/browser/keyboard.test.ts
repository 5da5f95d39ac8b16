import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { book } from '../booking.js';
import { signIn } from '../caller.js';
import { startServer, stopServers, type RunningServer } from '../server.js';
import { inBrowser, launch, liveChip, noBrowser, openWindow, patienceMs, toasts } from './windows.js';

describe.skipIf(noBrowser)(inBrowser('with the keyboard alone'), { timeout: patienceMs }, () => {
  let browser: Browser;
  let server: RunningServer;
  let page: Page;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
  }, patienceMs);

  afterAll(async () => {
    await browser?.close();
    await stopServers();
  });

  beforeEach(async () => {
    page = await openWindow(browser, server);
    await page.goto('/');
    await page.getByRole('button', { name: 'Sign in as Doctor', exact: true }).waitFor();
    await tabTo('Sign in as Doctor');
    await page.keyboard.press('Enter');
    await liveChip(page).waitFor();
  }, patienceMs);

  /** Presses Tab until the element with that accessible name has the focus. */
  async function tabTo(name: string | RegExp): Promise<void> {
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press('Tab');
      if (await isFocused(name)) return;
    }
    throw new Error(`Tab doesn't reach ${String(name)}`);
  }

  async function isFocused(name: string | RegExp): Promise<boolean> {
    const named = page
      .locator(':focus')
      .and(page.getByRole('button', { name, exact: true }).or(page.getByRole('link', { name })));
    return (await named.count()) === 1;
  }

  it('the first stop is a way past the header', async () => {
    await page.keyboard.press('Tab');

    expect(await isFocused('Skip to content')).toBe(true);
  });

  it('the bell opens its panel with the focus inside; Escape closes it and gives the focus back', async () => {
    await tabTo('Notifications');
    await page.keyboard.press('Enter');
    const panel = page.getByRole('dialog', { name: 'Notifications' });
    expect(await panel.and(page.locator(':focus')).count()).toBe(1);

    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    expect(await panel.getByRole('tab', { name: /^Unread/ }).getAttribute('aria-selected')).toBe('true');

    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    expect(await isFocused('Notifications')).toBe(true);
  });

  it('F6 leads to the toast, which waits while the focus is in it, and to its appointment', async () => {
    const [patient, doctor] = await Promise.all([
      signIn(server.url, 'patient@example.org'),
      signIn(server.url, 'doctor@example.org'),
    ]);
    const { id } = await book(patient, doctor);
    await toasts(page).filter({ hasText: 'New appointment' }).waitFor();

    await page.keyboard.press('F6');
    await tabTo(/^Show/);
    await page.keyboard.press('Enter');

    await page.locator(`#appointment-${id}:focus`).waitFor();
  });
});
