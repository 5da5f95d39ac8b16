import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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

  // A panel that is open in another window sees what rings here, and takes the toast with it.
  afterEach(() => page.context().close());

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

  it('j and k lead through the notifications, and who archives one is at its neighbour', async () => {
    for (const message of ['first', 'second', 'third']) await ring(message);
    await page.getByRole('button', { name: /^Notifications, \d+ new$/ }).waitFor();
    await tabTo(/^Notifications/);
    await page.keyboard.press('Enter');

    const read: string[] = [];
    for (const key of ['j', 'j', 'j', 'k']) {
      await page.keyboard.press(key);
      read.push((await page.locator('button:focus .notice__text').textContent()) ?? '');
    }
    expect(read).toEqual(['third', 'second', 'first', 'second']);

    // Past "Mark unread".
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Archive: second', exact: true }).waitFor({ state: 'detached' });
    expect(await isFocused('Archive: first')).toBe(true);
    await page.keyboard.press('k');
    expect(await page.locator('button:focus .notice__text').textContent()).toBe('third');
  });

  it('who dismisses a toast is at the next one, and after the last where he was', async () => {
    await tabTo('Next day');
    for (const message of ['one', 'two']) await ring(message);
    await expect.poll(() => toasts(page).count()).toBe(2);

    await page.keyboard.press('F6');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => toasts(page).count()).toBe(1);
    expect(await isFocused(/^Dismiss/)).toBe(true);
    await page.keyboard.press('Enter');
    await expect.poll(() => toasts(page).count()).toBe(0);

    expect(await isFocused('Next day')).toBe(true);
  });

  it('a toast is in reach above a dialog, and stays when the dialog goes', async () => {
    await openCancelDialog();
    await ring('while you look elsewhere');
    await toasts(page).waitFor();

    await page.keyboard.press('F6');
    await page.keyboard.press('Tab');
    expect(await isFocused(/^Dismiss/)).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await toasts(page).filter({ hasText: 'while you look elsewhere' }).waitFor();
    expect(await isFocused(/^More for/)).toBe(true);
  });

  it('who cancels in a dialog is at that appointment afterwards', async () => {
    const own = await openCancelDialog();

    await tabTo('Cancel appointment');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    await own.and(page.locator(':focus')).waitFor();
  });

  /** By the menu of an appointment, on the page of its day. @returns its row */
  async function openCancelDialog(): Promise<Locator> {
    const [patient, doctor] = await Promise.all([
      signIn(server.url, 'patient@example.org'),
      signIn(server.url, 'doctor@example.org'),
    ]);
    const { id, startsAt } = await book(patient, doctor);
    await page.goto(`/day/${startsAt.slice(0, 10)}`);
    await liveChip(page).waitFor();
    const own = page.locator(`#appointment-${id}`);
    await own.getByRole('button', { name: /^More for/ }).press('Enter');
    await own.getByRole('button', { name: /^Cancel/ }).press('Enter');
    await page.getByRole('dialog', { name: 'Cancel this appointment?' }).waitFor();
    return own;
  }

  async function ring(message: string): Promise<void> {
    const operator = await signIn(server.url, 'operator@example.org');
    await operator.post('/api/notifications', { email: 'doctor@example.org', message });
  }
});
