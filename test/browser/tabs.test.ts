import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { signIn, type Caller } from '../caller.js';
import { startServer, stopServers, type RunningServer } from '../server.js';
import { inBrowser, launch, liveChip, noBrowser, patienceMs, signInAs, toasts } from './windows.js';

describe.skipIf(noBrowser)(inBrowser('several tabs of one browser'), { timeout: 2 * patienceMs }, () => {
  let browser: Browser;
  let server: RunningServer;
  let operator: Caller;
  let context: BrowserContext;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
    operator = await signIn(server.url, 'operator@example.org');
  }, patienceMs);
  afterAll(async () => {
    await browser?.close();
    await stopServers();
  });
  beforeEach(async () => {
    context = await browser.newContext({ baseURL: server.url, timezoneId: 'Europe/Berlin' });
    context.setDefaultTimeout(patienceMs / 2);
  });
  afterEach(() => context.close());

  const connections = async (): Promise<number> => {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    return [...metrics.matchAll(/^carillon_connections\{.*\} (\d+)$/gm)].reduce(
      (sum, [, count]) => sum + Number(count),
      0,
    );
  };
  const ring = (message: string) =>
    operator.post('/api/notifications', { email: 'patient@example.org', message });

  /** A tab that has the login of those that are there. */
  async function another(): Promise<Page> {
    const page = await context.newPage();
    await page.goto('/');
    await liveChip(page).waitFor();
    return page;
  }

  it('ten are one connection on the server; when its tab goes, the others live on, and miss nothing', async () => {
    const first = await context.newPage();
    await signInAs(first, 'Patient');
    const others: Page[] = [];
    for (let i = 0; i < 9; i++) others.push(await another());
    await expect.poll(connections).toBe(1);
    expect(
      await first.getByRole('button', { name: 'Connection: Live - WebSocket', exact: true }).count(),
    ).toBe(1);
    expect(await others[8]!.getByRole('button', { name: /via another tab/ }).count()).toBe(1);

    await first.close();
    await ring('Who is there?');

    for (const page of others) {
      await toasts(page).filter({ hasText: 'Who is there?' }).waitFor();
      expect(await toasts(page).filter({ hasText: 'Who is there?' }).count()).toBe(1);
    }
    await expect.poll(connections).toBe(1);
  });

  it('two people have a tab each, and a connection each', async () => {
    const patient = await context.newPage();
    await signInAs(patient, 'Patient');
    const doctor = await another();
    await doctor.getByRole('button', { name: /^Account of/ }).click();
    await doctor.getByRole('button', { name: 'Another person here' }).click();
    await doctor.getByRole('button', { name: 'Sign in as Doctor', exact: true }).click();
    await liveChip(doctor).waitFor();

    await expect.poll(connections).toBe(2);
    await doctor.reload();
    await doctor.getByRole('button', { name: 'Account of Dr. Amara Osei' }).waitFor();
    await patient.getByRole('button', { name: 'Account of Paula Brandt' }).waitFor();
  });

  it('who signs out in one tab is signed out in all, and nobody else', async () => {
    const first = await context.newPage();
    await signInAs(first, 'Patient');
    const second = await another();

    await first.getByRole('button', { name: /^Account of/ }).click();
    await first.getByRole('button', { name: 'Sign out', exact: true }).click();

    await second.getByText('Signed out on another tab or device.').waitFor();
    await second.reload();
    await second.getByRole('heading', { name: 'Sign in' }).waitFor();
    await expect.poll(connections).toBe(0);
  });

  it('the account page shows where one is signed in, and signs out there', async () => {
    const page = await context.newPage();
    await signInAs(page, 'Patient');
    const elsewhere = await signIn(server.url, 'patient@example.org');
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByText('Here', { exact: true }).waitFor();

    const node = page.getByRole('listitem').filter({ hasText: 'node' });
    await node
      .first()
      .getByRole('button', { name: /^Sign out there: / })
      .click();
    await node.waitFor({ state: 'detached' });

    const answer = await fetch(`${server.url}/api/me`, {
      headers: { Authorization: `Bearer ${elsewhere.token}` },
    });
    expect(answer.status).toBe(401);
  });
});
