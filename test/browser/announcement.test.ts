import type { Browser, Page } from 'playwright-core';
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
    await operator.getByRole('button', { name: 'Announce', exact: true }).click();

    for (const page of pages) {
      const toast = toasts(page).filter({ hasText: 'The lift is out of order.' });
      await toast.waitFor();
      await toast.getByRole('button', { name: 'Dismiss: Announcement' }).click();
      await toast.waitFor({ state: 'detached' });
    }
    expect(await operator.getByRole('textbox', { name: 'Message' }).inputValue()).toBe('');
  });

  it('comes to whoever was away when they return, once', async () => {
    const page = await signedIn('Patient');
    const operator = await signedIn('Operator');
    await announce(operator, 'We have moved.');
    await toasts(page).filter({ hasText: 'We have moved.' }).waitFor();

    await page.goto('about:blank');
    await announce(operator, 'The pharmacy is closed.');
    await page.goto(server.url);

    await toasts(page).filter({ hasText: 'The pharmacy is closed.' }).waitFor();
    expect(await toasts(page).filter({ hasText: 'We have moved.' }).count()).toBe(0);
  });

  it('can be read again under the bell, with the keyboard alone, and new ones appear there', async () => {
    const operator = await signedIn('Operator');
    await announce(operator, 'The lab opens at eight.');
    const page = await signedIn('Patient');
    await page.getByRole('button', { name: /^Notifications/ }).focus();
    await page.keyboard.press('Enter');
    const panel = page.getByRole('dialog', { name: 'Notifications' });

    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowLeft');
    const list = panel.getByRole('tabpanel', { name: 'Announcements' });
    await list.getByRole('listitem').filter({ hasText: 'The lab opens at eight.' }).waitFor();
    await announce(operator, 'The lab is closed today.');

    await list.getByRole('listitem').first().filter({ hasText: 'The lab is closed today.' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await list.and(page.locator(':focus')).count()).toBe(1);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    expect(await page.locator(':focus').innerText()).toContain('The lab opens at eight.');
  });

  async function announce(operator: Page, text: string) {
    await operator.getByRole('textbox', { name: 'Message' }).fill(text);
    await operator.getByRole('button', { name: 'Announce', exact: true }).click();
    await toasts(operator).filter({ hasText: text }).waitFor();
  }

  async function signedIn(card: string) {
    const page = await openWindow(browser, server);
    await signInAs(page, card);
    return page;
  }
});
