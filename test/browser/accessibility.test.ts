import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { book } from '../booking.js';
import { signIn } from '../caller.js';
import { startServer, stopServers, type RunningServer } from '../server.js';
import { inBrowser, launch, liveChip, noBrowser, openWindow, patienceMs, signInAs } from './windows.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const longWord = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtenge'.slice(0, 70);
const longName = 'Wolfeschlegelsteinhausenbergerdorff'.repeat(3).slice(0, 80);

describe.skipIf(noBrowser)(inBrowser('for everybody'), { timeout: 2 * patienceMs }, () => {
  let browser: Browser;
  let server: RunningServer;
  let day: string;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
    const account = { email: 'long@example.org', password: 'carillon', name: longName };
    await fetch(`${server.url}/api/auth/register`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(account),
    });
    const [patient, doctor, operator] = await Promise.all([
      signIn(server.url, account.email),
      signIn(server.url, 'doctor@example.org'),
      signIn(server.url, 'operator@example.org'),
    ]);
    const gone = await book(patient, doctor);
    await patient.post(`/api/appointments/${gone.id}/cancel`, { reason: longWord });
    const { items } = await patient.get<{ items: { startsAt: string }[] }>(
      `/api/doctors/${doctor.user.id}/slots?date=${gone.startsAt.slice(0, 10)}`,
    );
    for (const slot of [items[4]!, items[8]!, items[12]!]) {
      await patient.post('/api/appointments', {
        doctorId: doctor.user.id,
        startsAt: slot.startsAt,
        reason: longWord,
      });
    }
    const talk = await doctor.post<{ id: number }>('/api/conversations', { memberIds: [patient.user.id] });
    await doctor.post(`/api/conversations/${talk.id}/messages`, { text: longWord });
    await doctor.post(`/api/doctors/${doctor.user.id}/times-off`, {
      startsAt: items[20]!.startsAt,
      endsAt: items[22]!.startsAt,
      note: longWord.slice(0, 60),
    });
    for (const email of [account.email, 'doctor@example.org', 'operator@example.org'])
      await operator.post('/api/notifications', { email, message: longWord });
    await operator.post('/api/announcements', { message: `${longWord} is closed.` });
    day = gone.startsAt.slice(0, 10);
  }, patienceMs);

  afterAll(async () => {
    await browser?.close();
    await stopServers();
  });

  /** Each look that a person may come to, by its name, one after the other. */
  async function* looks(page: Page): AsyncGenerator<string> {
    await page.goto('/');
    await page.getByRole('button', { name: 'Sign in as Patient', exact: true }).waitFor();
    yield 'sign in';
    await page.goto('/register');
    yield 'register';
    await page.goto('/forgot');
    yield 'forgotten password';
    await page.goto('/reset#used-or-too-old');
    await page.getByLabel('New password').fill('something else');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.locator('.form-alert').waitFor();
    yield 'new password, refused';

    await page.goto('/');
    await page.getByLabel('E-mail').fill('long@example.org');
    await page.getByLabel('Password').fill('carillon');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await liveChip(page).waitFor();
    await page.locator('.appointment').first().waitFor();
    yield 'patient, upcoming';
    await page.getByRole('link', { name: 'Cancelled' }).click();
    await page.locator('.appointment.is-gone').first().waitFor();
    yield 'patient, cancelled';
    await page
      .getByRole('link', { name: /details$/ })
      .first()
      .click();
    await page.locator('.history li').first().waitFor();
    yield 'patient, one appointment';
    await page.goto('/calendar');
    await page.getByRole('button', { name: 'Make an address' }).waitFor();
    yield 'patient, calendar elsewhere';
    await page.goto('/preferences');
    await page.getByRole('table').waitFor();
    await page.getByLabel('Keep quiet').check();
    yield 'preferences';
    await page.goto('/account');
    await page.getByText('Here', { exact: true }).waitFor();
    yield 'account';
    await page.goto('/messages');
    await page.locator('.talk').first().waitFor();
    yield 'messages, none open';
    await page.locator('.talk').first().click();
    await page.locator('.bubble').first().waitFor();
    yield 'messages, a conversation';
    await page.goto('/past');
    await page.getByText('Nothing in the past').waitFor();
    yield 'patient, past';
    await liveChip(page).waitFor();
    await page.getByRole('link', { name: 'Upcoming' }).click();
    await page.getByRole('button', { name: 'Book appointment' }).click();
    await page.locator('.time').first().click();
    yield 'booking, a time chosen';
    await page.keyboard.press('Escape');
    await page
      .getByRole('button', { name: /^Reschedule/ })
      .first()
      .click();
    await page.locator('.time').first().waitFor();
    yield 'rescheduling';
    await page.keyboard.press('Escape');
    await page
      .getByRole('button', { name: /^Cancel/ })
      .first()
      .click();
    yield 'cancelling';
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Account of/ }).click();
    yield 'account menu';
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Connection/ }).click();
    yield 'connection';
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Notifications/ }).click();
    await page.locator('.notice').first().waitFor();
    yield 'notifications';
    await page
      .getByRole('button', { name: /^Archive: / })
      .first()
      .click();
    await page.getByRole('tab', { name: 'Archived' }).click();
    const putBack = page.getByRole('button', { name: /^Put back: / }).first();
    await putBack.waitFor();
    yield 'archived notifications';
    await putBack.click();
    await page.getByRole('tab', { name: 'Announcements' }).click();
    await page.getByRole('tabpanel', { name: 'Announcements' }).getByRole('listitem').first().waitFor();
    yield 'announcements';
    await page.evaluate('sessionStorage.clear()');

    await signInAs(page, 'Doctor');
    await page.goto(`/day/${day}`);
    await page.locator('.slot').first().waitFor();
    yield 'doctor, a day';
    await page
      .getByRole('button', { name: /^More for/ })
      .first()
      .click();
    yield 'doctor, more';
    await page.keyboard.press('Escape');
    await page.locator('.slot').getByRole('link').first().click();
    await page.locator('.history li').first().waitFor();
    yield 'doctor, one appointment';
    await page.goto(`/week/${day}`);
    await page.locator('.week__slot').first().waitFor();
    yield 'doctor, a week';
    await page.getByRole('button', { name: 'Block time', exact: true }).click();
    yield 'doctor, blocking time';
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Book', exact: true }).click();
    await page.getByLabel('Patient').fill('wolfe');
    await page.getByRole('list', { name: 'Patients found' }).waitFor();
    yield 'doctor, booking for somebody';
    await page.keyboard.press('Escape');
    await page.goto('/hours');
    await page.locator('.hours__time').first().waitFor();
    yield 'doctor, hours';
    await page.evaluate('sessionStorage.clear()');

    await signInAs(page, 'Operator');
    await page.goto(`/day/${day}`);
    await page.locator('.slot').first().waitFor();
    await page.getByRole('textbox', { name: 'Message' }).fill(longWord);
    await page.getByRole('button', { name: 'Announce' }).click();
    await page.locator('.toast').waitFor();
    yield 'operator, a toast';
    await page.goto('/delivery');
    await page.getByRole('list', { name: 'Reminders' }).waitFor();
    await page.getByLabel('Patient').fill('wolfe');
    await page.getByRole('list', { name: 'Patients found' }).waitFor();
    yield 'operator, delivery';
    await page.getByRole('button', { name: /^Wolfe/ }).click();
    await page.getByRole('list', { name: 'What was told' }).waitFor();
    yield 'operator, alerts of one person';
    await page.getByRole('list', { name: 'What was told' }).getByRole('link').first().click();
    await page.getByRole('heading', { name: 'What happened' }).waitFor();
    yield 'operator, one alert';
  }

  it.each([
    ['on a wide screen', { viewport: { width: 1280, height: 800 } }],
    ['in the dark', { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' as const }],
    ['in forced colours', { viewport: { width: 1280, height: 800 }, forcedColors: 'active' as const }],
    ['on a phone', { viewport: { width: 360, height: 700 } }],
    ['at 400 %', { viewport: { width: 320, height: 256 } }],
  ])('axe finds nothing and nothing is wider than the screen: %s', async (_, options) => {
    const page = await openWindow(browser, server, { ...options, reducedMotion: 'reduce' });
    const found: unknown[] = [];

    for await (const look of looks(page)) {
      await page.evaluate(axe);
      const violations = await page.evaluate<
        { id: string; nodes: { html: string; failureSummary: string }[] }[]
      >('axe.run().then(({ violations }) => violations)');
      for (const { id, nodes } of violations)
        found.push([
          look,
          id,
          nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).slice(0, 3),
        ]);
      const wider = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      if (wider > 0) found.push([look, `${wider} px wider than the screen`]);
      const inner = await page.evaluate<string[]>(`[...document.querySelectorAll('dialog, .popover, .toast')]
        .filter((box) => box.scrollWidth > box.clientWidth || box.getBoundingClientRect().right > innerWidth + 1)
        .map((box) => box.className)`);
      if (inner.length > 0) found.push([look, 'cut off', inner]);
    }

    expect(found).toEqual([]);
  });

  it('in forced colours a choice still shows', async () => {
    const page = await openWindow(browser, server, { forcedColors: 'active', reducedMotion: 'reduce' });
    await signInAs(page, 'Patient');
    await page.getByRole('button', { name: /^Book/ }).first().click();
    await page.locator('.time').first().click();
    const background = (selector: string) =>
      page.evaluate<string>(`getComputedStyle(document.querySelector('${selector}')).backgroundColor`);

    expect(await background('.time input:checked + span')).not.toBe(
      await background('.time input:not(:checked) + span'),
    );
    expect(await background('.segment input:checked + span')).not.toBe(
      await background('.segment input:not(:checked) + span'),
    );
  });
});
