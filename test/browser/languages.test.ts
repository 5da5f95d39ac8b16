import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { book } from '../booking.js';
import { signIn, type Caller } from '../caller.js';
import { startServer, stopServers, type RunningServer } from '../server.js';
import { inBrowser, launch, noBrowser, openWindow, patienceMs, row, signInAs } from './windows.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rightToLeft = 'נועה בן־דוד';

describe.skipIf(noBrowser)(inBrowser('the language'), { timeout: 2 * patienceMs }, () => {
  let browser: Browser;
  let server: RunningServer;
  let patient: Caller;
  let doctor: Caller;
  let noa: Caller;
  let day: string;
  let one: number;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
    await register('noa@example.org', rightToLeft);
    await register('greta@example.org', 'Greta');
    [patient, doctor, noa] = await Promise.all([
      signIn(server.url, 'patient@example.org'),
      signIn(server.url, 'doctor@example.org'),
      signIn(server.url, 'noa@example.org'),
    ]);
    const booked = await book(noa, doctor);
    [one, day] = [booked.id, booked.startsAt.slice(0, 10)];
    await doctor
      .post('/api/notifications', { email: 'noa@example.org', message: 'x' })
      .catch(() => undefined);
  }, patienceMs);

  afterAll(async () => {
    await browser?.close();
    await stopServers();
  });

  /** Whoever signed in with a German browser before speaks German. */
  async function speakEnglish({ token }: Caller): Promise<void> {
    await fetch(`${server.url}/api/preferences`, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      body: JSON.stringify({ language: 'en' }),
    });
  }

  async function register(email: string, name: string): Promise<void> {
    await fetch(`${server.url}/api/auth/register`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email, password: 'carillon', name }),
    });
  }

  it('chosen in the preferences is the page’s at once, and of what the server says next', async () => {
    const page = await openWindow(browser, server);
    await signInAs(page, 'Patient');
    await page.goto('/preferences');
    await page.getByLabel('Deutsch').check();

    await page.getByRole('heading', { name: 'Einstellungen' }).waitFor();
    expect(await page.evaluate('document.documentElement.lang')).toBe('de');
    await expect
      .poll(async () => (await patient.get<{ language: string }>('/api/preferences')).language)
      .toBe('de');
    const { id } = await book(patient, doctor);
    await doctor.post(`/api/appointments/${id}/cancel`, { reason: 'Krank' });

    const toast = page.getByRole('region', { name: 'Hinweise' }).getByRole('listitem');
    await toast.filter({ hasText: /hat den Termin mit Ihnen am .* abgesagt\. Grund: Krank/ }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Einstellungen' }).waitFor();
    await page.getByLabel('English').check();
    await page.getByRole('heading', { name: 'Preferences' }).waitFor();
  });

  it('is the browser’s before sign-in, and the account’s after it', async () => {
    const page = await openWindow(browser, server, { locale: 'de-CH' });
    await page.goto('/');
    await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
    await page.getByLabel('E-Mail').fill('greta@example.org');
    await page.getByLabel('Passwort', { exact: true }).fill('carillon');
    await page.getByRole('button', { name: 'Anmelden', exact: true }).click();
    await page.getByRole('heading', { name: 'Ihre Termine' }).waitFor();

    const greta = await signIn(server.url, 'greta@example.org');
    await expect
      .poll(async () => (await greta.get<{ language: string }>('/api/preferences')).language)
      .toBe('de');
  });

  it('is that of the first browser, English too, whatever another one speaks later', async () => {
    await register('eve@example.org', 'Eve');
    const english = await openWindow(browser, server, { locale: 'en-GB' });
    await english.goto('/');
    await fillSignIn(english, 'eve@example.org');
    const eve = await signIn(server.url, 'eve@example.org');
    await expect
      .poll(async () => (await eve.get<{ language: string | null }>('/api/preferences')).language)
      .toBe('en');

    const german = await openWindow(browser, server, { locale: 'de-DE' });
    await german.goto('/');
    await german.getByRole('heading', { name: 'Anmelden' }).waitFor();
    await fillSignIn(german, 'eve@example.org');
    await german.getByRole('heading', { name: 'Your appointments' }).waitFor();
  });

  it.each([
    ['on a wide screen', { viewport: { width: 1280, height: 800 } }],
    ['on a phone, in the dark', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' as const }],
    ['at 400 %', { viewport: { width: 320, height: 256 } }],
  ])('German leaves axe without a finding, and nothing is wider than the screen: %s', async (_, options) => {
    const page = await openWindow(browser, server, { ...options, locale: 'de-DE', reducedMotion: 'reduce' });
    const found: unknown[] = [];
    await page.goto('/');
    await page.locator('.demo-card').first().waitFor();
    found.push(await faultsOf(page, 'sign in'));
    for (const [path, landmark] of [
      ['/register', 'form'],
      ['/forgot', 'form'],
    ] as const)
      found.push(await visited(page, path, landmark));
    await page.goto('/');
    await enter(page, 'noa@example.org');
    for (const [path, landmark] of [
      ['/', '.appointment'],
      [`/appointments/${one}`, '.history li'],
      ['/preferences', 'table'],
      ['/account', '.account__login'],
      ['/calendar', '.hours__card .button'],
      ['/messages', '.empty'],
    ] as const)
      found.push(await visited(page, path, landmark));
    await page.evaluate('sessionStorage.clear()');
    await page.goto('/');
    await enter(page, 'doctor@example.org');
    for (const [path, landmark] of [
      [`/day/${day}`, '.slot'],
      [`/week/${day}`, '.week__slot'],
      ['/hours', '.hours__time'],
    ] as const)
      found.push(await visited(page, path, landmark));

    expect(found.flat()).toEqual([]);
  });

  it('of a name from right to left changes nothing around it', async () => {
    const page = await openWindow(browser, server);
    await speakEnglish(doctor);
    await signInAs(page, 'Doctor');
    await page.goto(`/day/${day}`);
    await page.getByRole('link', { name: rightToLeft }).click();

    const eyebrow = page.locator('.eyebrow');
    await eyebrow.waitFor();
    expect(await eyebrow.textContent()).toMatch(new RegExp(`^\u2068${rightToLeft}\u2069 (with|bei) Dr\\.`));
    const { left, middle } = await eyebrow.evaluate((element: Positioned) => {
      const box = element.getBoundingClientRect();
      const range = element.ownerDocument.createRange();
      const text = element.firstChild;
      range.setStart(text, 0);
      range.setEnd(text, 5);
      return { left: range.getBoundingClientRect().left - box.left, middle: box.width / 2 };
    });
    // The name stands where the line begins: at the left, though it runs the other way.
    expect(left).toBeLessThan(middle);
  });

  it('that runs from right to left mirrors the page, and nothing is cut off', async () => {
    const page = await openWindow(browser, server, { viewport: { width: 390, height: 844 } });
    await speakEnglish(doctor);
    await signInAs(page, 'Doctor');
    for (const path of [`/day/${day}`, `/week/${day}`, '/hours', '/messages', '/preferences']) {
      await page.goto(path);
      await page.getByRole('heading').first().waitFor();
      await page.evaluate("document.documentElement.style.direction = 'rtl'");
      // What is over the left edge can be scrolled to there.
      const wider = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      const brand = await page.locator('.top .brand').boundingBox();
      expect([path, wider, brand!.x > 195]).toEqual([path, 0, true]);
    }
  });

  it('is that of paper where a day is printed: what is so, and no button', async () => {
    const page = await openWindow(browser, server, { colorScheme: 'dark' });
    await speakEnglish(doctor);
    await signInAs(page, 'Doctor');
    await page.goto(`/day/${day}`);
    const slot = row(page, rightToLeft);
    await slot.waitFor();
    await page.emulateMedia({ media: 'print' });

    expect(await slot.getByRole('time').first().isVisible()).toBe(true);
    expect(await slot.locator('.chip').isVisible()).toBe(true);
    expect(await page.locator('button:visible').count()).toBe(0);
    expect(await page.evaluate('getComputedStyle(document.documentElement).colorScheme')).toBe('light');
  });
});

interface Positioned {
  readonly firstChild: unknown;
  readonly ownerDocument: {
    createRange(): {
      setStart(node: unknown, offset: number): void;
      setEnd(node: unknown, offset: number): void;
      getBoundingClientRect(): { readonly left: number };
    };
  };
  getBoundingClientRect(): { readonly left: number; readonly width: number };
}

async function fillSignIn(page: Page, email: string): Promise<void> {
  await page.locator('input[type=email]').fill(email);
  await page.locator('input[type=password]').fill('carillon');
  await page.locator('form button[type=submit]').click();
}

async function enter(page: Page, email: string): Promise<void> {
  await fillSignIn(page, email);
  await page.locator('.connection--live').waitFor();
  await page.locator('html[lang=de]').waitFor();
}

async function visited(page: Page, path: string, landmark: string): Promise<unknown[]> {
  await page.goto(path);
  await page.locator(landmark).first().waitFor();
  return faultsOf(page, path);
}

async function faultsOf(page: Page, look: string): Promise<unknown[]> {
  await page.evaluate(axe);
  const violations = await page.evaluate<{ id: string; nodes: { html: string }[] }[]>(
    'axe.run().then(({ violations }) => violations)',
  );
  const wider = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  const language = await page.evaluate<string>('document.documentElement.lang');
  const outside = await page.evaluate<
    string[]
  >(`[...document.querySelectorAll('.card, .appointment, .slot, .week__day')]
    .flatMap((box) => [...box.querySelectorAll('a, button, .week__off')].filter(
      (one) => one.getBoundingClientRect().right > box.getBoundingClientRect().right + 1))
    .map((one) => one.textContent)`);
  return [
    ...(outside.length > 0 ? [[look, 'outside of its card', outside]] : []),
    ...violations.map(({ id, nodes }) => [look, id, nodes.map(({ html }) => html).slice(0, 3)]),
    ...(wider > 0 ? [[look, `${wider} px wider than the screen`]] : []),
    ...(language === 'de' ? [] : [[look, `speaks ${language}`]]),
  ];
}
