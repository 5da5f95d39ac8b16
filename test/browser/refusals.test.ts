import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { book, type BookedAppointment } from '../booking.js';
import { signIn, type Caller } from '../caller.js';
import { startServer, stopServers, type RunningServer } from '../server.js';
import {
  inBrowser,
  isInSight,
  launch,
  noBrowser,
  openWindow,
  patienceMs,
  row,
  signInAs,
  toasts,
} from './windows.js';

describe.skipIf(noBrowser)(inBrowser('what is refused'), { timeout: patienceMs }, () => {
  let browser: Browser;
  let server: RunningServer;
  let patient: Caller;
  let doctor: Caller;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
    [patient, doctor] = await Promise.all([
      signIn(server.url, 'patient@example.org'),
      signIn(server.url, 'doctor@example.org'),
    ]);
  }, patienceMs);

  afterAll(async () => {
    await browser?.close();
    await stopServers();
  });

  async function refuse(page: Page, path: RegExp): Promise<void> {
    await page.route(path, (route) =>
      route.request().method() === 'GET'
        ? route.fallback()
        : route.fulfill({
            status: 409,
            contentType: 'application/problem+json',
            body: JSON.stringify({ code: 'slot_taken', detail: 'Taken.' }),
          }),
    );
  }

  /** Clicks, and sees both what was clicked and what became of it. */
  async function expectRefusal(button: Locator, alert: Locator): Promise<void> {
    await button.click();
    await alert.waitFor();
    await expect.poll(() => isInSight(alert)).toBe(true);
  }

  describe.each([
    ['a wide screen', { width: 1280, height: 800 }],
    ['a laptop', { width: 1280, height: 600 }],
    ['a phone', { width: 360, height: 700 }],
    ['a phone held across', { width: 700, height: 360 }],
    ['400 %', { width: 320, height: 256 }],
  ])('on %s', (_, viewport) => {
    it('is said beside the button of each dialog', async () => {
      await book(patient, doctor);
      const page = await openWindow(browser, server, { viewport });
      await signInAs(page, 'Patient');
      await refuse(page, /\/api\/appointments/);
      const dialog = page.getByRole('dialog');
      const alert = dialog.getByRole('alert').locator('.form-alert');

      await page.getByRole('button', { name: 'Book appointment' }).click();
      await dialog.locator('.time:not(:has(:checked))').first().click();
      await expectRefusal(dialog.getByRole('button', { name: 'Book', exact: true }), alert);
      await page.keyboard.press('Escape');

      await page
        .getByRole('button', { name: /^Reschedule/ })
        .first()
        .click();
      await dialog.locator('.time').last().click();
      await expectRefusal(dialog.getByRole('button', { name: 'Move appointment' }), alert);
      await page.keyboard.press('Escape');

      await page
        .getByRole('button', { name: /^Cancel/ })
        .first()
        .click();
      await expectRefusal(dialog.getByRole('button', { name: 'Cancel appointment' }), alert);
    });

    it('is said beside the button of the front pages', async () => {
      const page = await openWindow(browser, server, { viewport });
      await page.route(/\/api\/auth\//, (route) => route.fulfill({ status: 503 }));
      const alert = page.locator('.form-alert');

      await page.goto('/');
      await expectRefusal(page.getByRole('button', { name: 'Sign in as Patient', exact: true }), alert);
      await page.getByLabel('E-mail').fill('paula@example.org');
      await page.getByLabel('Password').fill('something');
      await expectRefusal(page.getByRole('button', { name: 'Sign in', exact: true }), alert);
      await page.getByRole('link', { name: 'Register as a patient' }).click();
      await page.getByLabel('Name').fill('Paula');
      await page.getByLabel('E-mail').fill('paula@example.org');
      await page.getByLabel('Password').fill('something');
      await expectRefusal(page.getByRole('button', { name: 'Register' }), alert);
    });

    it('is said beside the doctor’s and the operator’s buttons', async () => {
      const { startsAt } = await bookAndArrive();
      const page = await openWindow(browser, server, { viewport });
      await signInAs(page, 'Doctor');
      await refuse(page, /\/api\/appointments/);
      await page.goto(`/day/${startsAt.slice(0, 10)}`);
      const alert = page.locator('.form-alert');
      await expectRefusal(page.getByRole('button', { name: /^Check in/ }).last(), alert);

      const operator = await openWindow(browser, server, { viewport });
      await signInAs(operator, 'Operator');
      await refuse(operator, /\/api\/announcements/);
      await operator.getByRole('textbox', { name: 'Message' }).fill('The lift is out of order.');
      await expectRefusal(
        operator.getByRole('button', { name: 'Announce' }),
        operator.locator('.form-alert'),
      );
    });
  });

  it('a booking whose answer was lost is asked for again, and is nobody else’s', async () => {
    const page = await openWindow(browser, server);
    await signInAs(page, 'Patient');
    const keys: (string | undefined)[] = [];
    await page.route(/\/api\/appointments$/, async (route) => {
      if (route.request().method() !== 'POST') return route.fallback();
      keys.push(route.request().headers()['idempotency-key']);
      const response = await route.fetch();
      return keys.length < 4 ? route.abort('connectionreset') : route.fulfill({ response });
    });
    await page.getByRole('button', { name: 'Book appointment' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('only once');
    await dialog.locator('.time').first().click();
    await dialog.getByRole('button', { name: 'Book', exact: true }).click();

    await dialog.waitFor({ state: 'detached' });
    await row(page, 'only once').waitFor();
    expect(await row(page, 'only once').count()).toBe(1);
    expect(new Set(keys).size).toBe(1);
  });

  it('a booking whose answers are all lost is known to be done by its row', async () => {
    const page = await openWindow(browser, server);
    await signInAs(page, 'Patient');
    await page.route(/\/api\/appointments$/, async (route) => {
      if (route.request().method() !== 'POST') return route.fallback();
      await route.fetch();
      return route.abort('connectionreset');
    });
    await page.getByRole('button', { name: 'Book appointment' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('known later');
    await dialog.locator('.time').first().click();
    await dialog.getByRole('button', { name: 'Book', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await toasts(page).filter({ hasText: 'It is in the list' }).waitFor();
    expect(await row(page, 'known later').count()).toBe(1);
  });

  it('a step that somebody else took is told although its button is gone', async () => {
    const { id, startsAt } = await bookAndArrive();
    const page = await openWindow(browser, server);
    await signInAs(page, 'Doctor');
    await page.goto(`/day/${startsAt.slice(0, 10)}`);
    const own = page.locator(`#appointment-${id}`);
    await own.waitFor();
    await page.route(/\/status$/, async (route) => {
      await patient.post(`/api/appointments/${id}/cancel`, {});
      await route.fallback();
    });
    await own.getByRole('button', { name: /^Check in/ }).click();

    const told = own.getByRole('alert').or(toasts(page)).getByText('Somebody was faster').first();
    await told.waitFor();
    await expect.poll(() => isInSight(told)).toBe(true);
  });

  it('a second booking at the same time, with another doctor, is asked about and made when it is meant', async () => {
    const { startsAt } = await book(patient, doctor);
    const page = await openWindow(browser, server);
    await signInAs(page, 'Patient');
    await page.getByRole('button', { name: 'Book appointment' }).click();
    const dialog = page.getByRole('dialog');
    await dialog
      .getByRole('combobox', { name: 'Doctor' })
      .selectOption({ label: 'Dr. Henrik Lund, Cardiology' });
    await dialog.getByLabel('Reason').fill('at the same time');
    await dialog.getByLabel('Date', { exact: true }).fill(startsAt.slice(0, 10));
    const time = new Date(startsAt).toLocaleTimeString('en-GB', {
      ...{ timeZone: 'Europe/Berlin', hour: '2-digit', minute: '2-digit' },
    });
    await dialog.getByRole('radio', { name: time, exact: true }).check();

    await dialog.getByRole('button', { name: 'Book', exact: true }).click();
    const both = dialog.getByRole('button', { name: 'Book both' });
    await both.waitFor();
    expect(await row(page, 'at the same time').count(), 'nothing is booked by asking').toBe(0);
    const asked = dialog.locator('.form-alert');
    expect(await asked.innerText()).toContain('at that time');

    await dialog.getByRole('radio').nth(8).check();
    await dialog.getByRole('button', { name: 'Book', exact: true }).waitFor();
    expect(await asked.count(), 'of another time it says nothing').toBe(0);
    await dialog.getByRole('radio', { name: time, exact: true }).check();
    await both.click();

    await dialog.waitFor({ state: 'detached' });
    await row(page, 'at the same time').waitFor();
  });

  it('a dialog whose appointment is cancelled meanwhile offers nothing more', async () => {
    const { id } = await book(patient, doctor);
    const page = await openWindow(browser, server);
    await signInAs(page, 'Patient');
    await page
      .locator(`#appointment-${id}`)
      .getByRole('button', { name: /^Reschedule/ })
      .click();
    const dialog = page.getByRole('dialog', { name: 'Reschedule' });
    await dialog.getByRole('group', { name: 'Free times' }).waitFor();

    await doctor.post(`/api/appointments/${id}/cancel`, {});

    await dialog.getByText('This appointment is cancelled now').waitFor();
    expect(await dialog.getByRole('button', { name: 'Move appointment' }).count()).toBe(0);
  });

  /** A patient who is here, so that the page offers the next step whatever day it is. */
  async function bookAndArrive(): Promise<BookedAppointment> {
    const booked = await book(patient, doctor);
    await doctor.put(`/api/appointments/${booked.id}/status`, { status: 'arrived' });
    return booked;
  }
});
