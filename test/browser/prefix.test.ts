import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { book } from '../booking.js';
import { signIn } from '../caller.js';
import { prefixProxy, type PrefixProxy } from '../prefix-proxy.js';
import { configurationsIn, nginx, startProxy } from '../proxies/proxy.js';
import { startServer, stopServers, type RunningServer } from '../server.js';
import { blockWebSocket, inBrowser, launch, liveChip, noBrowser, patienceMs, toasts } from './windows.js';

describe.skipIf(noBrowser)(inBrowser('below a prefix of a proxy'), { timeout: patienceMs }, () => {
  let browser: Browser;
  let server: RunningServer;
  let proxy: PrefixProxy;
  let page: Page;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
    proxy = await prefixProxy('/clinic/north', server);
  }, patienceMs);

  afterAll(async () => {
    await browser?.close();
    await proxy?.stop();
    await stopServers();
  });

  beforeEach(async () => {
    const context = await browser.newContext({ baseURL: proxy.url });
    page = await context.newPage();
    page.setDefaultTimeout(patienceMs / 3);
  });

  async function signInAs(card: string): Promise<void> {
    await page.goto('');
    await page.getByRole('button', { name: `Sign in as ${card}`, exact: true }).click();
    await liveChip(page).waitFor();
  }

  it.each([
    ['WebSocket', () => Promise.resolve()],
    ['SockJS xhr-streaming', blockWebSocket],
  ])('the page is live over %s and asks for nothing elsewhere', async (transport, prepare) => {
    await prepare(page);
    await signInAs('Doctor');
    const [patient, doctor] = await Promise.all([
      signIn(server.url, 'patient@example.org'),
      signIn(server.url, 'doctor@example.org'),
    ]);
    const { startsAt } = await book(patient, doctor);

    await page.getByRole('button', { name: `Connection: Live - ${transport}` }).waitFor();
    await toasts(page).getByRole('button', { name: 'Show' }).first().click();
    await page.waitForURL(`${proxy.url}day/${startsAt.slice(0, 10)}`);
    await page.reload();
    await page.getByRole('main').getByText('Paula Brandt').first().waitFor();
    await page.goBack();
    await page.waitForURL(proxy.url);
    expect(proxy.strays).toEqual([]);
  });

  it('links lead to pages below it', async () => {
    await signInAs('Patient');
    await page.getByRole('link', { name: 'Past' }).click();

    expect(page.url()).toBe(`${proxy.url}past`);
    expect(await page.getByRole('link', { name: 'Upcoming' }).getAttribute('href')).toBe('/clinic/north/');
  });

  it('the page about the API makes its calls there', async () => {
    await page.goto('api/docs/#/Signing in/login');
    await page.getByRole('button', { name: 'Try it out' }).click();
    await page.getByRole('button', { name: 'Execute' }).click();

    await page.locator('.live-responses-table').getByText('"token"').waitFor();
    expect(proxy.strays).toEqual([]);
  });

  it('a stream that was opened with a ticket may come again by its cookie', async () => {
    await signInAs('Patient');
    const { token } = await signIn(server.url, 'patient@example.org');

    const answers = await page.evaluate<number[]>(`(async () => {
      const issued = await fetch('api/auth/ticket', { method: 'POST', headers: { Authorization: 'Bearer ${token}' } });
      const { ticket } = await issued.json();
      const statuses = [];
      for (let i = 0; i < 2; i++) {
        const leave = new AbortController();
        const { status } = await fetch('api/notifications/stream?ticket=' + ticket, { signal: leave.signal });
        statuses.push(status);
        leave.abort();
      }
      return statuses;
    })()`);

    expect(answers).toEqual([200, 200]);
  });

  it('another Carillon at the same origin has a sign-in of its own', async () => {
    await signInAs('Patient');

    const keys = await page.evaluate<string[]>('Object.keys(sessionStorage)');

    expect(keys.toSorted()).toEqual(['carillon.login@/clinic/north/', 'carillon.person@/clinic/north/']);
  });
});

describe.skipIf(noBrowser ?? nginx.missing)(
  inBrowser(
    nginx.missing === undefined ? 'below nginx’s /clinic/' : `below nginx (skipped: ${nginx.missing})`,
  ),
  { timeout: patienceMs },
  () => {
    it('the page signs in, is live and can be reloaded at any depth', async () => {
      const [browser, server] = await Promise.all([
        launch(),
        startServer({ environment: { TRUST_PROXY: '127.0.0.1' } }),
      ]);
      const part = (await configurationsIn('docs/proxies.md', 'nginx')).find((text) =>
        text.includes('/clinic/'),
      );
      const proxy = await startProxy(nginx, part ?? '', server.port);
      const context = await browser.newContext({ baseURL: `${proxy.url}/clinic/`, ignoreHTTPSErrors: true });
      const page = await context.newPage();

      await page.goto('');
      await page.getByRole('button', { name: 'Sign in as Doctor', exact: true }).click();
      await page.getByRole('button', { name: 'Connection: Live - WebSocket' }).waitFor();
      await page.getByRole('button', { name: 'Next day' }).click();
      await page.waitForURL(/\/clinic\/day\/[\d-]+$/);
      await page.reload();
      await page.getByRole('button', { name: 'Connection: Live - WebSocket' }).waitFor();

      await browser.close();
      await proxy.stop();
      await stopServers();
    });
  },
);
