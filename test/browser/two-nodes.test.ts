import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn } from '../caller.js';
import { postgres, type FreshDatabase } from '../databases.js';
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

describe.skipIf(noBrowser ?? !postgres.isHere)(
  inBrowser(`a doctor in two windows on two nodes, on ${postgres.name}`),
  { timeout: 2 * patienceMs },
  () => {
    let browser: Browser;
    let database: FreshDatabase;
    let nodes: [RunningServer, RunningServer];
    let windows: [Page, Page];

    const start = (port = 0): Promise<RunningServer> =>
      startServer({ environment: { DATABASE_URL: database.url, DRAIN_MS: '200', PORT: `${port}` } });

    beforeAll(async () => {
      database = await postgres.create();
      [browser, ...nodes] = await Promise.all([launch(), start(), start()]);
      windows = [await openWindow(browser, nodes[0]), await openWindow(browser, nodes[1])];
      for (const page of windows) await signInAs(page, 'Doctor');
    }, 2 * patienceMs);

    afterAll(async () => {
      await browser?.close();
      await stopServers();
      await database.drop();
    });

    it('hears an alert in both, whichever node it came from', async () => {
      for (const [place, node] of nodes.entries()) {
        await ring(node, `Ring ${place}`);

        for (const page of windows)
          await toasts(page)
            .filter({ hasText: `Ring ${place}` })
            .waitFor();
      }
    });

    it('stays signed in while both nodes are restarted, one after the other, and misses nothing', async () => {
      for (const [place, node] of nodes.entries()) {
        node.kill('SIGTERM');
        await node.ended;
        const other = nodes[1 - place];
        if (other) await ring(other, `While ${place} was away`);
        nodes[place] = await start(node.port);
        for (const page of windows) await liveChip(page).waitFor();
      }

      for (const page of windows) {
        await page.getByRole('button', { name: /^Notifications/ }).click();
        const panel = page.getByRole('dialog', { name: 'Notifications' });
        for (const place of [0, 1]) await panel.getByText(`While ${place} was away`).waitFor();
        expect(await panel.getByRole('listitem').count()).toBe(4);
      }
    });
  },
);

async function ring({ url }: RunningServer, message: string): Promise<void> {
  const { user } = await signIn(url, 'doctor@example.org');
  const operator = await signIn(url, 'operator@example.org');
  await operator.post('/api/notifications', { userId: user.id, message });
}
