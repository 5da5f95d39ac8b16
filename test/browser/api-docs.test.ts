import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, stopServers, type RunningServer } from '../server.js';
import { inBrowser, launch, noBrowser, openWindow, patienceMs } from './windows.js';

describe.skipIf(noBrowser)(inBrowser('the page about the API'), { timeout: patienceMs }, () => {
  let browser: Browser;
  let server: RunningServer;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
  }, patienceMs);

  afterAll(async () => {
    await browser?.close();
    await stopServers();
  });

  it('shows every call and makes them, within our policy and without the network', async () => {
    const page = await openWindow(browser, server);
    const troubles: string[] = [];
    page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
    page.on('pageerror', (error) => troubles.push(error.message));
    const hosts = new Set<string>();
    page.on('request', (request) => hosts.add(new URL(request.url()).origin));

    await page.goto('/api/docs#/Signing in/login');
    await page.getByRole('button', { name: 'Try it out' }).click();
    await page.getByRole('button', { name: 'Execute' }).click();

    await page.locator('.live-responses-table').getByText('"token"').waitFor();
    expect(await page.locator('.opblock').count()).toBe(await countOperations(server));
    expect(troubles).toEqual([]);
    expect([...hosts]).toEqual([server.url]);
  });
});

async function countOperations({ url }: RunningServer): Promise<number> {
  const { paths } = (await (await fetch(`${url}/api/openapi.json`)).json()) as {
    paths: Record<string, object>;
  };
  return Object.values(paths).flatMap(Object.keys).length;
}
