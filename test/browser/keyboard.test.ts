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
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab');
      if (await isFocused(name)) return;
    }
    throw new Error(`Tab doesn't reach ${String(name)}`);
  }

  async function tabToField(field: Locator): Promise<void> {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab');
      if ((await page.locator(':focus').and(field).count()) === 1) return;
    }
    throw new Error(`Tab doesn't reach ${String(field)}`);
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

  it('a doctor’s day: book, move, block, write, talk and check in', { timeout: 2 * patienceMs }, async () => {
    const day = new Date(Date.now() + 10 * 24 * 3_600_000).toISOString().slice(0, 10);
    const doctor = await signIn(server.url, 'doctor@example.org');
    const patient = await signIn(server.url, 'patient2@example.org');
    const dialog = page.getByRole('dialog');
    const freeTime = dialog.getByRole('group', { name: 'Free times' }).getByRole('radio');
    const own = page.locator('.slot').filter({ hasText: 'Jonas Keller' });
    await page.goto(`/day/${day}`);
    await liveChip(page).waitFor();

    await tabTo('Book');
    await page.keyboard.press('Enter');
    await tabToField(dialog.getByLabel('Patient'));
    await page.keyboard.type('jonas');
    await dialog.getByRole('list', { name: 'Patients found' }).waitFor();
    await tabTo(/^Jonas Keller/);
    await page.keyboard.press('Enter');
    await freeTime.first().waitFor();
    await tabToField(freeTime);
    await page.keyboard.press('Space');
    await tabTo('Book');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await own.getByText('08:00').waitFor();

    await tabTo(/^More for/);
    await page.keyboard.press('Enter');
    await tabTo(/^Reschedule/);
    await page.keyboard.press('Enter');
    await freeTime.first().waitFor();
    await tabToField(freeTime);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await tabTo('Move appointment');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await own.getByText('Moved from 08:00 to 08:30').waitFor();

    await tabTo('Week');
    await page.keyboard.press('Enter');
    await page.locator('.week__slot').filter({ hasText: 'Jonas Keller' }).waitFor();
    await tabTo('Block time');
    await page.keyboard.press('Enter');
    await tabToField(dialog.getByLabel('Note'));
    await page.keyboard.type('Lunch');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await page.locator('.week__off').filter({ hasText: 'Lunch' }).waitFor();

    await tabTo(/Jonas Keller/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'History' }).waitFor();
    await tabToField(page.getByRole('textbox', { name: 'Message' }));
    await page.keyboard.type('Bring the letter.');
    await tabTo('Send');
    await page.keyboard.press('Enter');
    await page.getByRole('listitem').filter({ hasText: 'wrote to the patient: Bring the letter.' }).waitFor();

    const { items } = await doctor.get<{ items: { id: number; patientId: number }[] }>('/api/appointments');
    const booked = items.find(({ patientId }) => patientId === patient.user.id)!;
    await doctor.put(`/api/appointments/${booked.id}/status`, { status: 'arrived' });
    await tabTo('The day');
    await page.keyboard.press('Enter');
    await own.waitFor();
    await tabTo(/^Check in/);
    await page.keyboard.press('Enter');
    await own.getByText('Checked in', { exact: true }).waitFor();

    await tabTo('Message Jonas Keller');
    await page.keyboard.press('Enter');
    const writing = page.getByRole('textbox', { name: /message/i });
    await writing.waitFor();
    await tabToField(writing);
    await page.keyboard.type('How is the knee?');
    await page.keyboard.press('Enter');
    await page.locator('.bubble').filter({ hasText: 'How is the knee?' }).waitFor();
    const { items: talks } = await patient.get<{ items: { id: number }[] }>('/api/conversations');
    await patient.post(`/api/conversations/${talks[0]!.id}/messages`, { text: 'Better.' });
    await page.locator('.bubble').filter({ hasText: 'Better.' }).waitFor();
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
