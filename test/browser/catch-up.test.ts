import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { signIn, type Caller } from '../caller.js';
import { startServer, stopServers, type RunningServer } from '../server.js';
import {
  inBrowser,
  launch,
  liveChip,
  noBrowser,
  openWindow,
  patienceMs,
  signInAs,
  toasts,
} from './windows.js';

describe.skipIf(noBrowser)(inBrowser('what happens on another device'), { timeout: patienceMs }, () => {
  let browser: Browser;
  let server: RunningServer;
  let page: Page;
  let operator: Caller;
  /** The patient, on another device. */
  let elsewhere: Caller;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
    [operator, elsewhere] = await Promise.all([
      signIn(server.url, 'operator@example.org'),
      signIn(server.url, 'patient@example.org'),
    ]);
  }, patienceMs);

  afterAll(async () => {
    await browser?.close();
    await stopServers();
  });

  beforeEach(async () => {
    page = await openWindow(browser, server);
    await signInAs(page, 'Patient');
  }, patienceMs);

  async function ring(message: string): Promise<number> {
    const { id } = await operator.post<{ id: number }>('/api/notifications', {
      email: 'patient@example.org',
      message,
    });
    return id;
  }

  async function mark(id: number, marks: object): Promise<void> {
    const answer = await fetch(`${server.url}/api/notifications/${id}`, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${elsewhere.token}` },
      body: JSON.stringify(marks),
    });
    expect(answer.status).toBe(200);
  }

  async function readAll(): Promise<void> {
    const { cursor } = await elsewhere.get<{ cursor: string }>('/api/notifications?limit=1');
    await elsewhere.post('/api/notifications/read-all', { upTo: cursor });
  }

  async function offline(): Promise<void> {
    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'Connection: Offline' }).waitFor();
  }

  async function online(): Promise<void> {
    await page.context().setOffline(false);
    await liveChip(page).waitFor();
  }

  it.each([{ isRead: true }, { isSeen: true }, { isArchived: true }])(
    'takes the toast away when its row is marked %j, and no other toast',
    async (marks) => {
      await ring('stays');
      const id = await ring('goes');
      await toasts(page).filter({ hasText: 'goes' }).waitFor();

      await mark(id, marks);

      await toasts(page).filter({ hasText: 'goes' }).waitFor({ state: 'detached', timeout: 4_000 });
      expect(await toasts(page).filter({ hasText: 'stays' }).count()).toBe(1);
      await readAll();
    },
  );

  it('is told as missed only where nobody has taken note of it yet', async () => {
    await offline();
    const read = await ring('read on the phone');
    await ring('new');
    await mark(read, { isRead: true });
    await online();

    await toasts(page).filter({ hasText: 'While you were away: 1 update' }).getByText('new').waitFor();
    await readAll();
    await toasts(page).first().waitFor({ state: 'detached' });
  });

  it('shows on every row that is loaded, once the page has caught up', async () => {
    for (let i = 0; i < 60; i++) await ring(`No ${i}`);
    await page.reload();
    await liveChip(page).waitFor();
    await page.getByRole('button', { name: /^Notifications, / }).click();
    const panel = page.getByRole('dialog', { name: 'Notifications' });
    const unread = panel.locator('.notice--unread');
    await expect.poll(() => unread.count()).toBe(20);
    await panel.getByRole('button', { name: 'Load more' }).click();
    await expect.poll(() => unread.count()).toBe(40);
    await panel.getByRole('button', { name: 'Load more' }).click();
    await expect.poll(() => unread.count()).toBe(60);

    await offline();
    const first = await elsewhere.get<{ items: { id: number }[] }>('/api/notifications?limit=60');
    await mark(first.items[59]!.id, { isArchived: true });
    await readAll();
    await online();

    await expect.poll(() => unread.count()).toBe(0);
    expect(await panel.getByText('No 0', { exact: true }).count()).toBe(0);
    expect(await panel.getByText('No 1', { exact: true }).count()).toBe(1);
    await page.getByRole('button', { name: 'Notifications', exact: true }).waitFor();
  });

  it('doesn’t leave a tab empty above rows that would have to be loaded', async () => {
    for (let i = 0; i < 30; i++) await ring(`More ${i}`);
    await page.getByRole('button', { name: /^Notifications, / }).click();
    const panel = page.getByRole('dialog', { name: 'Notifications' });
    await panel.getByRole('tab', { name: /^Unread/ }).click();
    await panel.locator('.notice--unread').nth(19).waitFor();

    const newest = await elsewhere.get<{ items: { id: number }[] }>(
      '/api/notifications?filter=unread&limit=20',
    );
    for (const { id } of newest.items) await mark(id, { isArchived: true });

    await panel.getByText('More 0', { exact: true }).waitFor();
    expect(await panel.getByText('All caught up').count()).toBe(0);
    await readAll();
    await panel.getByText('All caught up').waitFor();
    expect(await panel.getByRole('button', { name: 'Load more' }).count()).toBe(0);
  });
});
