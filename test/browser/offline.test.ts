import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { book } from '../booking.js';
import { signIn, type Caller } from '../caller.js';
import { startServer, stopServers, type RunningServer } from '../server.js';
import { inBrowser, launch, liveChip, noBrowser, patienceMs, row, signInAs, toasts } from './windows.js';

describe.skipIf(noBrowser)(inBrowser('without a network'), { timeout: 2 * patienceMs }, () => {
  let browser: Browser;
  let server: RunningServer;
  let context: BrowserContext;
  let page: Page;
  let patient: Caller;
  let doctor: Caller;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
    [patient, doctor] = await Promise.all([
      signIn(server.url, 'patient@example.org'),
      signIn(server.url, 'doctor@example.org'),
    ]);
    await book(patient, doctor);
  }, patienceMs);
  afterAll(async () => {
    await browser?.close();
    await stopServers();
  });
  beforeEach(async () => {
    context = await browser.newContext({ baseURL: server.url, timezoneId: 'Europe/Berlin' });
    context.setDefaultTimeout(patienceMs / 3);
    page = await context.newPage();
  });
  afterEach(() => context.close());

  async function openAsPatient(): Promise<void> {
    await signInAs(page, 'Patient');
    await row(page, 'a check-up').first().waitFor();
    await isKept(page, patient.user.id, 'a check-up');
  }

  it('a page that is reloaded shows what it knew, says so and as of when, and catches up, telling each news once', async () => {
    await openAsPatient();
    const rows = await row(page, 'a check-up').count();
    await context.setOffline(true);
    await page.reload();

    await row(page, 'a check-up').first().waitFor();
    expect(await row(page, 'a check-up').count()).toBe(rows);
    await page.getByText(/^Offline\. Showing data from \d\d:\d\d\.$/).waitFor();
    await page
      .getByText(/^As of \d\d:\d\d/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: /^Notifications/ }).click();
    const inbox = page.getByRole('dialog', { name: 'Notifications' });
    await inbox.getByText('New appointment').first().waitFor();
    await page.keyboard.press('Escape');

    await book(patient, doctor);
    const { id } = await book(patient, doctor);
    await doctor.post(`/api/appointments/${id}/cancel`, { reason: 'The doctor is ill' });
    await context.setOffline(false);

    await liveChip(page).waitFor();
    await expect.poll(() => row(page, 'a check-up').count()).toBe(rows + 1);
    await toasts(page).filter({ hasText: 'While you were away: 1 update' }).waitFor();
    expect(await toasts(page).count()).toBe(1);
    await page.getByText('Back online, up to date').waitFor();
    expect(await page.getByText(/^As of/).count()).toBe(0);
  });

  it('a page that finds its server announces nothing that was there', async () => {
    await openAsPatient();
    await page.goto('about:blank');
    await doctor.post('/api/appointments', await nextBooking(doctor));

    await page.goto('/');
    await liveChip(page).waitFor();
    await isKept(page, patient.user.id, 'a check-up');

    expect(await toasts(page).count()).toBe(0);
  });

  it('the other pages load, too, and one that nobody has opened says that it can’t', async () => {
    await openAsPatient();
    await page.goto('/messages');
    await liveChip(page).waitFor();
    await context.setOffline(true);

    await page.goto('/day/2026-11-21');
    await page.getByRole('heading', { name: 'Your appointments' }).waitFor();
    await page.goto('/messages');
    await page.getByText('Nobody has written yet').waitFor();
    await page.goto('/preferences');
    await page.getByText('The clinic’s server can’t be reached.').first().waitFor();
  });

  it('who signs out leaves nothing, in this tab or another, and text that wasn’t sent goes, too', async () => {
    await openAsPatient();
    const other = await context.newPage();
    await other.goto('/');
    await liveChip(other).waitFor();
    await other.evaluate(`sessionStorage.setItem('carillon.outbox.${patient.user.id}', JSON.stringify([
      { clientId: 'c1', conversationId: 1, text: 'My knee hurts', refusal: 'Too late' },
    ]))`);
    await other.reload();
    await liveChip(other).waitFor();

    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await other.getByText('Signed out on another tab or device.').waitFor();

    for (const tab of [page, other]) {
      await expect.poll(() => kept(tab)).toEqual([]);
      const storage = await tab.evaluate<string>(
        'JSON.stringify([{ ...sessionStorage }, { ...localStorage }])',
      );
      expect(storage).not.toMatch(/knee|outbox|token/);
    }
    expect(await page.evaluate(cachedPaths)).toEqual(
      expect.arrayContaining(['/', expect.stringMatching(/^\/assets\/index-.*\.js$/), '/theme.js']),
    );
    expect((await page.evaluate<string[]>(cachedPaths)).filter((path) => path.startsWith('/api'))).toEqual(
      [],
    );
    await context.setOffline(true);
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  it('a login that the server has ended leaves nothing', async () => {
    await openAsPatient();
    const token = await page.evaluate<string>(
      "JSON.parse(sessionStorage.getItem('carillon.login')).login.token",
    );

    await fetch(`${server.url}/api/auth/logout`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
    });

    await page.getByText('Signed out on another tab or device.').waitFor();
    await expect.poll(() => kept(page)).toEqual([]);
  });

  it('two people in one browser never see each other’s, and who has closed their tab leaves nothing', async () => {
    await openAsPatient();
    const other = await context.newPage();
    await other.goto('/');
    await liveChip(other).waitFor();
    await other.getByRole('button', { name: /^Account of/ }).click();
    await other.getByRole('button', { name: 'Another person here' }).click();
    await other.getByRole('button', { name: 'Sign in as Operator', exact: true }).click();
    await liveChip(other).waitFor();
    const operator = (await signIn(server.url, 'operator@example.org')).user.id;
    await isKept(other, operator);
    expect((await kept(other)).toSorted()).toEqual([String(patient.user.id), String(operator)].toSorted());

    await context.setOffline(true);
    await other.reload();
    await other.getByRole('button', { name: /^Notifications/ }).click();
    await other.getByText('Nothing has rung yet').waitFor();
    expect(await other.getByText(/a check-up|booked an appointment/).count()).toBe(0);
    await context.setOffline(false);

    await page.close();
    await other.reload();
    await expect.poll(() => kept(other)).toEqual([String(operator)]);
  });

  it('all works where the browser lets nothing be kept', async () => {
    await context.addInitScript(`
      const forbid = () => { throw new DOMException('Not in this window.', 'SecurityError'); };
      Object.defineProperty(globalThis, 'indexedDB', { get: forbid });
      Object.defineProperty(globalThis, 'caches', { get: forbid });
      Navigator.prototype.__defineGetter__('serviceWorker', () => undefined);
    `);
    const failures: string[] = [];
    page.on('pageerror', (error) => failures.push(error.message));

    await signInAs(page, 'Patient');
    await row(page, 'a check-up').first().waitFor();
    await page.reload();
    await row(page, 'a check-up').first().waitFor();
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();

    expect(failures).toEqual([]);
  });

  it('a service worker of an older version never shows its page where the server has a newer one', async () => {
    const proxy = await olderProxy(server);
    try {
      await page.goto(proxy.url);
      await page.waitForFunction("document.title === 'An older Carillon'");
      await expect.poll(() => page.evaluate(cachedVersions)).toEqual(['older']);
      await context.setOffline(true);
      await page.reload();
      expect(await page.title()).toBe('An older Carillon');

      proxy.update();
      await context.setOffline(false);
      // The older one is there still, and answers this.
      const other = await context.newPage();
      await other.goto(proxy.url);
      expect(await other.title()).toBe('Carillon');
      // A page that was kept gives way by itself.
      await page.waitForFunction("document.title === 'Carillon'");
      await expect.poll(() => page.evaluate(cachedVersions)).toEqual([expect.not.stringMatching('older')]);

      await context.setOffline(true);
      await page.reload();
      expect(await page.title()).toBe('Carillon');
    } finally {
      proxy.stop();
    }
  });
});

/** Whose rows are in IndexedDB. */
async function kept(page: Page): Promise<string[]> {
  return [...new Set((await rowsIn(page)).map(([owner]) => owner))];
}

/** Owners, and what is kept of them, as text. */
function rowsIn(page: Page): Promise<[owner: string, text: string][]> {
  return page.evaluate<[string, string][]>(`new Promise((resolve) => {
    const opening = indexedDB.open('carillon.kept');
    opening.onupgradeneeded = () => opening.result.createObjectStore('kept');
    opening.onsuccess = () => {
      const rows = [];
      opening.result.transaction('kept').objectStore('kept').openCursor().onsuccess = ({ target: { result } }) => {
        if (result) {
          rows.push([result.key[0], JSON.stringify(result.value)]);
          result.continue();
        } else {
          opening.result.close();
          resolve(rows);
        }
      };
    };
  })`);
}

/** The page, and what this person sees, would be there without a network. */
async function isKept(page: Page, userId: number, ...texts: string[]): Promise<void> {
  const ofUser = async () =>
    (await rowsIn(page))
      .filter(([owner]) => owner === String(userId))
      .map(([, text]) => text)
      .join();
  for (const text of ['"counts"', ...texts]) await expect.poll(ofUser).toContain(text);
  await expect.poll(() => page.evaluate<string[]>(cachedPaths)).toContain('/theme.js');
  await page.waitForFunction('navigator.serviceWorker.controller !== null');
}

const cachedPaths = `(async () => {
  const caches = await Promise.all((await globalThis.caches.keys()).map((name) => globalThis.caches.open(name)));
  const requests = await Promise.all(caches.map((cache) => cache.keys()));
  return requests.flat().map(({ url }) => new URL(url).pathname);
})()`;

const cachedVersions = `(async () => {
  const names = await globalThis.caches.keys();
  const full = await Promise.all(names.map(async (name) => [name, (await (await caches.open(name)).keys()).length]));
  return full.filter(([, files]) => files > 3).map(([name]) => name.split(' ').at(-1));
})()`;

async function nextBooking(doctor: Caller): Promise<object> {
  const date = new Date(Date.now() + 14 * 24 * 3_600_000).toISOString().slice(0, 10);
  const { items } = await doctor.get<{ readonly items: readonly { readonly startsAt: string }[] }>(
    `/api/doctors/${doctor.user.id}/slots?date=${date}`,
  );
  return { doctorId: doctor.user.id, patientId: 1, startsAt: items[0]?.startsAt };
}

interface OlderProxy {
  readonly url: string;
  update(): void;
  stop(): void;
}

/** Before a server, as if that were of an older version, until it is updated. */
async function olderProxy(target: RunningServer): Promise<OlderProxy> {
  let isOlder = true;
  const newest = await (await fetch(target.url)).text();
  const [, hash = ''] = /index-([^"]*)\.js/.exec(newest) ?? [];
  async function answer({ url = '/', headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = isOlder ? url.replace('-older.js', `-${hash}.js`) : url;
    const asked = await fetch(target.url + path, { headers: { accept: headers.accept ?? '*/*' } });
    const body = Buffer.from(await asked.arrayBuffer());
    const type = asked.headers.get('content-type') ?? '';
    response.writeHead(asked.status, { 'Content-Type': type, 'Cache-Control': 'no-cache' });
    if (!isOlder) return void response.end(body);
    if (url !== '/' && url !== '/service-worker.mjs') return void response.end(body);
    const older = body.toString().replace(`index-${hash}.js`, 'index-older.js');
    response.end(
      older.replace('<title>', '<title>An older ').replace(/"version":"[^"]*"/, '"version":"older"'),
    );
  }
  const proxy: Server = createServer((request, response) => void answer(request, response));
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/`,
    update: () => (isOlder = false),
    stop: () => {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}
