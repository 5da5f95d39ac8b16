import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postWithKey, signIn } from '../caller.js';
import { postgres, type FreshDatabase } from '../databases.js';
import { freePort } from '../free-port.js';
import { configurationsIn, haproxy, nginx, startProxy, type RunningProxy } from '../proxies/proxy.js';
import { startServer, stopServers, type RunningServer } from '../server.js';
import { inBrowser, launch, liveChip, noBrowser, openWindow, patienceMs, signInAs } from './windows.js';

// The certificates are made for the test and signed by nobody.
process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';

const [forNginx = ''] = await configurationsIn('docs/scale-out.md', 'nginx');
const [forHaproxy = ''] = await configurationsIn('docs/scale-out.md', 'haproxy');

describe.each([
  { program: nginx, configuration: forNginx },
  { program: haproxy, configuration: forHaproxy },
])('two nodes behind $program.name', ({ program, configuration }) => {
  const missing = noBrowser ?? program.missing ?? (postgres.isHere ? undefined : postgres.name);

  describe.skipIf(missing !== undefined)(
    `${inBrowser('a doctor in two windows')} (${missing ?? postgres.name})`,
    { timeout: 3 * patienceMs },
    () => {
      let browser: Browser;
      let database: FreshDatabase;
      let balancer: RunningProxy;
      let ports: [number, number];
      const nodes: RunningServer[] = [];
      let windows: readonly Page[] = [];

      const start = (port: number): Promise<RunningServer> =>
        startServer({
          environment: {
            DATABASE_URL: database.url,
            PORT: `${port}`,
            TRUST_PROXY: '127.0.0.1',
            DRAIN_MS: '500',
          },
        });

      beforeAll(async () => {
        database = await postgres.create();
        ports = [await freePort(), await freePort()];
        browser = await launch();
        nodes.push(...(await Promise.all(ports.map(start))));
        balancer = await startProxy(program, configuration, {
          '10.0.0.11:8080': ports[0],
          '10.0.0.12:8080': ports[1],
        });
        while ((await fetch(`${balancer.url}/readyz`)).status !== 200)
          await new Promise((resolve) => setTimeout(resolve, 100));
        const open = (): Promise<Page> => openWindow(browser, balancer, { ignoreHTTPSErrors: true });
        windows = [await open(), await open()];
        for (const page of windows) await signInAs(page, 'Doctor');
      }, 3 * patienceMs);

      afterAll(async () => {
        await browser?.close();
        await balancer?.stop();
        await stopServers();
        await database?.drop();
      });

      it('stay signed in while both nodes are restarted, one after the other, and miss nothing', async () => {
        const operator = await signIn(balancer.url, 'operator@example.org');
        const doctor = await signIn(balancer.url, 'doctor@example.org');
        const ring = (message: string): Promise<void> =>
          postWithKey(operator, '/api/notifications', { userId: doctor.user.id, message });
        await ring('Before');

        for (const [place, port] of ports.entries()) {
          nodes[place]?.kill('SIGTERM');
          await nodes[place]?.ended;
          await ring(`While ${place} was away`);
          nodes[place] = await start(port);
          while ((await fetch(`http://127.0.0.1:${port}/readyz`)).status !== 200)
            await new Promise((resolve) => setTimeout(resolve, 100));
          // HAProxy has seen by then that it is back.
          await new Promise((resolve) => setTimeout(resolve, 2_500));
          for (const page of windows) await liveChip(page).waitFor();
        }
        await ring('After');

        for (const page of windows) {
          await page.getByRole('button', { name: /^Notifications/ }).click();
          const panel = page.getByRole('dialog', { name: 'Notifications' });
          for (const text of ['Before', 'While 0 was away', 'While 1 was away', 'After'])
            await panel.getByText(text).waitFor();
          expect(await panel.getByRole('listitem').count()).toBe(4);
        }
      });
    },
  );
});
