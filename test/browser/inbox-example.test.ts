import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from 'vite';
import { signIn, type Caller } from '../caller.js';
import { startServer, stopServers, type RunningServer } from '../server.js';
import { inBrowser, launch, noBrowser, openWindow, patienceMs } from './windows.js';

/** Where the names lead that the example imports. */
const entry = (name: string) => resolve(`client/src/exports/${name}.ts`);

describe.skipIf(noBrowser)(inBrowser('the inbox of docs/guide.md'), { timeout: 2 * patienceMs }, () => {
  let browser: Browser;
  let server: RunningServer;
  let folder: string;
  let code: string;
  let patient: Caller;
  let operator: Caller;
  let page: Page;
  let isAway = false;

  beforeAll(async () => {
    // Below this folder, so that what it imports is found.
    folder = await mkdtemp(resolve('node_modules/.inbox-example-'));
    const [, example = ''] =
      /```tsx inbox\.tsx\n(.*?)```/s.exec(await readFile('docs/guide.md', 'utf8')) ?? [];
    await writeFile(join(folder, 'inbox.tsx'), example);
    await writeFile(
      join(folder, 'main.ts'),
      `import { showInbox } from './inbox.js';
       globalThis.signOut = showInbox(document.querySelector('#root'), JSON.parse(sessionStorage.getItem('user')));`,
    );
    const built = await build({
      configFile: false,
      logLevel: 'silent',
      define: { 'process.env.NODE_ENV': '"production"' },
      oxc: { jsx: { runtime: 'automatic', development: false } },
      resolve: {
        alias: [
          { find: /^carillon\/client$/, replacement: entry('client') },
          {
            find: /^carillon\/client\/(inbox|react)$/,
            replacement: `${resolve('client/src/exports')}/$1.ts`,
          },
        ],
      },
      build: {
        write: false,
        lib: { entry: join(folder, 'main.ts'), formats: ['es'] },
        rollupOptions: { output: { codeSplitting: false } },
      },
    });
    const outputs = (Array.isArray(built) ? built : [built]).flatMap((one) =>
      'output' in one ? one.output : [],
    );
    code = outputs.map((one) => (one.type === 'chunk' ? one.code : '')).join('');

    [browser, server] = await Promise.all([launch(), startServer()]);
    [patient, operator] = await Promise.all([
      signIn(server.url, 'patient@example.org'),
      signIn(server.url, 'operator@example.org'),
    ]);
    for (let i = 1; i <= 25; i++) await ring(`No ${i}`);
    page = await openWindow(browser, server);
    await page.route('**/api/**', (route) => (isAway ? route.abort() : route.continue()));
    await page.routeWebSocket(/\/ws/, (socket) => {
      if (isAway) void socket.close();
      else socket.connectToServer();
    });
    // The page is the server's own, with another program.
    await page.route(/\/assets\/index-[^/]*\.js$/, (route) =>
      route.fulfill({ contentType: 'text/javascript', body: code }),
    );
    await page.addInitScript(
      `sessionStorage.setItem('user', ${JSON.stringify(JSON.stringify({ id: patient.user.id, token: patient.token }))})`,
    );
  }, 2 * patienceMs);
  afterAll(async () => {
    await browser?.close();
    await stopServers();
    await rm(folder, { recursive: true, force: true });
  });

  const ring = (message: string) =>
    operator.post('/api/notifications', { email: 'patient@example.org', message });
  const kept = () =>
    page.evaluate<unknown[]>(`new Promise((resolve) => {
    const opening = indexedDB.open('my application');
    opening.onsuccess = () => {
      const asking = opening.result.transaction('kept').objectStore('kept').getAll();
      asking.onsuccess = () => resolve(asking.result);
    };
  })`);
  const rows = () => page.getByRole('listitem');
  const heading = (text: string) => page.getByRole('heading', { name: text, exact: true });

  it('lists what is there, and more of it', async () => {
    await page.goto('/');

    await heading('25 unread').waitFor();
    await expect.poll(() => rows().count()).toBe(20);
    await page.getByRole('button', { name: 'More' }).click();
    await expect.poll(() => rows().count()).toBe(25);
    expect(await rows().first().textContent()).toContain('No 25');
  });

  it('hears what comes', async () => {
    await ring('No 26');

    await heading('26 unread').waitFor();
    await expect.poll(() => rows().first().textContent()).toContain('No 26');
  });

  it('marks and archives', async () => {
    await rows().first().getByRole('button', { name: 'Read' }).click();
    await heading('25 unread').waitFor();
    await rows().first().getByRole('button', { name: 'Archive' }).click();
    await expect.poll(() => rows().first().textContent()).toContain('No 25');
    await page.getByRole('button', { name: 'Mark all read' }).click();
    await heading('0 unread').waitFor();

    await expect
      .poll(() => patient.get<{ readonly unread: number }>('/api/notifications/counts'))
      .toMatchObject({ unread: 0 });
  });

  it('knows without the server what it knew, says so, and catches up', async () => {
    await expect.poll(async () => (await kept())[0]).toMatchObject({ value: { counts: { unread: 0 } } });
    await page.goto('about:blank');
    await ring('While away');
    isAway = true;
    await page.goto('/');
    await page.getByText(/^As of /).waitFor();
    expect(await rows().first().textContent()).toContain('No 25');

    isAway = false;
    await page.evaluate("dispatchEvent(new Event('online'))");

    await heading('1 unread').waitFor();
    await expect.poll(() => rows().first().textContent()).toContain('While away');
    await page.getByText(/^As of /).waitFor({ state: 'detached' });
  });

  it('keeps nothing when its user has signed out', async () => {
    await page.evaluate('signOut()');

    expect(await kept()).toEqual([]);
  });
});
