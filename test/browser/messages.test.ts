import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { book } from '../booking.js';
import { signIn } from '../caller.js';
import { startServer, stopServers, type RunningServer } from '../server.js';
import { inBrowser, launch, liveChip, noBrowser, openWindow, patienceMs, signInAs } from './windows.js';

/** Who is here is shown, and soon. */
const seen = { PRESENCE: 'true', LIMIT_PRESENCE_MS: '200' };

describe.skipIf(noBrowser)(inBrowser('a patient and a doctor'), { timeout: 2 * patienceMs }, () => {
  let browser: Browser;
  let server: RunningServer;
  let patient: Page;
  let doctor: Page;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer({ environment: seen })]);
    const [paula, amara] = await Promise.all([
      signIn(server.url, 'patient@example.org'),
      signIn(server.url, 'doctor@example.org'),
    ]);
    await book(paula, amara);
    [patient, doctor] = await Promise.all([openWindow(browser, server), openWindow(browser, server)]);
    await Promise.all([signInAs(patient, 'Patient'), signInAs(doctor, 'Doctor')]);
  }, patienceMs);

  afterAll(async () => {
    await browser?.close();
    await stopServers();
  });

  async function say(page: Page, text: string): Promise<void> {
    await page.getByRole('textbox', { name: /^Message to / }).fill(text);
    await page.keyboard.press('Enter');
  }

  /** What the thread shows, top to bottom. */
  function said(page: Page): Promise<string[]> {
    return page.locator('.bubble__text').allInnerTexts();
  }

  function status(page: Page, text: string): Promise<string> {
    return page.locator('.bubble--own').filter({ hasText: text }).locator('.bubble__foot').innerText();
  }

  it('talk from the appointment on, and nothing is lost or twice while the server restarts', async () => {
    await patient
      .getByRole('button', { name: /^Message / })
      .first()
      .click();
    await say(patient, 'May I eat before?');
    await expect.poll(() => status(patient, 'May I eat')).toMatch(/Sent|Delivered/);

    await doctor.getByRole('link', { name: 'Messages, 1 unread' }).click();
    await doctor.getByRole('link', { name: /May I eat before/ }).click();
    await doctor.locator('.thread__new').waitFor();
    await expect.poll(() => status(patient, 'May I eat')).toMatch(/Read/);
    await doctor.getByRole('link', { name: 'Messages', exact: true }).waitFor();

    await doctor.getByRole('textbox', { name: /^Message to / }).pressSequentially('N');
    await patient.getByText(/ is typing$/).waitFor();
    await say(doctor, 'No, please don’t.');
    await patient.locator('.bubble').filter({ hasText: 'No, please' }).waitFor();
    await patient.getByText(/ is typing$/).waitFor({ state: 'detached' });
    await patient.locator('.thread__presence').getByText('Online').waitFor();

    const { directory, port } = server;
    server.kill('SIGKILL');
    await server.ended;
    await say(patient, 'Water?');
    await say(patient, 'And coffee?');
    await say(doctor, 'Drink enough.');
    await expect.poll(() => status(patient, 'Water?')).toBe('Waiting to be sent');
    const thread = patient.url();
    // Without its server the page is there where it has been kept by now.
    await patient.reload().catch(() => undefined);
    server = await startServer({ directory, environment: { PORT: String(port) } });
    await patient.goto(thread);
    await Promise.all([liveChip(patient).waitFor(), liveChip(doctor).waitFor()]);

    const all = ['May I eat before?', 'No, please don’t.', 'And coffee?', 'Drink enough.', 'Water?'];
    for (const page of [patient, doctor])
      await expect.poll(async () => (await said(page)).toSorted()).toEqual(all.toSorted());
    expect(await said(patient)).toEqual(await said(doctor));
    const texts = await said(patient);
    expect(texts.indexOf('Water?')).toBeLessThan(texts.indexOf('And coffee?'));
    await expect.poll(() => status(patient, 'And coffee?')).toMatch(/Read/);
    await expect.poll(() => status(doctor, 'Drink enough.')).toMatch(/Read/);
  });

  it('go on, on two phones and a desktop: each has everything once, and the same read marks', async () => {
    const thread = new URL(doctor.url()).pathname;
    const phone = { viewport: { width: 390, height: 844 } };
    const [patientPhone, doctorPhone] = await Promise.all([
      openWindow(browser, server, phone),
      openWindow(browser, server, phone),
    ]);
    await Promise.all([signInAs(patientPhone, 'Patient'), signInAs(doctorPhone, 'Doctor')]);
    await patient.context().close();
    const devices = [patientPhone, doctorPhone, doctor];
    await Promise.all([patientPhone.goto(thread), doctorPhone.goto(thread)]);
    for (const page of devices) await page.locator('.bubble').filter({ hasText: 'Drink enough.' }).waitFor();

    await say(doctorPhone, 'From my phone.');
    await doctor.locator('.bubble--own').filter({ hasText: 'From my phone.' }).waitFor();
    const { directory, port } = server;
    server.kill('SIGKILL');
    await server.ended;
    await say(patientPhone, 'Are you there?');
    await say(doctor, 'At my desk.');
    await say(doctorPhone, 'And on my way.');
    for (const [page, text] of [
      [patientPhone, 'Are you there?'],
      [doctor, 'At my desk.'],
      [doctorPhone, 'And on my way.'],
    ] as const)
      await expect.poll(() => status(page, text)).toBe('Waiting to be sent');
    server = await startServer({ directory, environment: { PORT: String(port) } });
    await Promise.all(devices.map((page) => liveChip(page).waitFor()));

    const news = ['From my phone.', 'Are you there?', 'At my desk.', 'And on my way.'];
    for (const page of devices)
      await expect.poll(async () => (await said(page)).slice(5).toSorted()).toEqual(news.toSorted());
    const order = await said(patientPhone);
    for (const page of devices) {
      expect(await said(page)).toEqual(order);
      const own = page.locator('.bubble--own');
      await expect.poll(() => own.filter({ hasText: /Read/ }).count()).toBe(await own.count());
      await page.getByRole('link', { name: /^Messages, / }).waitFor({ state: 'detached' });
    }
  });
});
