import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { build } from 'vite';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Channels } from '../../src/library/nest/channels.js';
import { inBrowser, launch, noBrowser, patienceMs } from '../browser/windows.js';
import { signIn, type Caller } from '../caller.js';
import { DistantClinic } from './distant-clinic.js';

// The client of the channels' document, as it is printed there: only the token in its address is ours.
describe.skipIf(noBrowser)(inBrowser('the page of the channels’ document'), () => {
  let browser: Browser;
  let distant: DistantClinic;
  let patient: Caller;
  let operator: Caller;
  beforeAll(async () => {
    [browser, distant] = await Promise.all([launch(), DistantClinic.open()]);
    patient = await signIn(distant.url, 'patient@example.org');
    operator = await signIn(distant.url, 'operator@example.org');
  }, patienceMs);
  afterAll(async () => {
    await browser?.close();
    await distant?.close();
  });

  it(
    'shows what comes by its commands',
    async () => {
      const page = await openPage();

      await notify('First');
      await page.getByText('notification First').waitFor();
      const channels = distant.clinic.application.get(Channels);
      const { id } = patient.user;
      await channels.sendToUser(id, 'user-joined', { username: 'Ada' });
      await channels.sendToUser(id, 'chat-message', { text: 'hi' });
      await channels.sendToUser(id, 'system-update', { version: 2 });
      await page.getByText('update {"version":2}').waitFor();

      expect(await page.locator('li').allTextContents()).toEqual([
        'connected true',
        'notification First',
        'joined Ada',
        'chat hi',
        'update {"version":2}',
      ]);
    },
    patienceMs,
  );

  it.each<[string, () => unknown]>([
    ['a cut of the network', () => distant.cut()],
    ['a restart of the server', () => distant.restart()],
  ])(
    'comes back after %s, and says once what was said meanwhile',
    async (_, happen) => {
      const page = await openPage();
      const isDown = page.getByText(/^connected false/).first();

      const happened = happen();
      await isDown.waitFor();
      const channel = `user-${patient.user.id}`;
      await page.evaluate(
        `appSocket.send({ channel: '${channel}', cmd: 'chat-message', param: { text: 'late' } })`,
      );
      await happened;

      await page.getByText('connected true', { exact: true }).nth(1).waitFor();
      await page.getByText('chat late').waitFor();
      await notify('Second');
      await page.getByText('notification Second').waitFor();
      expect(
        (await page.locator('li').allTextContents()).filter((said) => !said.startsWith('connected')),
      ).toEqual(['chat late', 'notification Second']);
    },
    patienceMs,
  );

  async function openPage(): Promise<Page> {
    const page = await (await browser.newContext({ bypassCSP: true })).newPage();
    await page.goto(`${distant.url}/livez`);
    await page.setContent('<ul id="said"></ul>');
    await page.addScriptTag({ content: await bundled(await printed(patient.token)) });
    await page.getByText('connected true', { exact: true }).waitFor();
    return page;
  }

  function notify(message: string): Promise<unknown> {
    return operator.post('/api/notifications', { userId: patient.user.id, message });
  }
});

/** What the document leaves to its reader. */
const READER = `
  function say(text: string): void {
    document.querySelector('#said')!.append(Object.assign(document.createElement('li'), { textContent: text }));
  }
  function updateConnectionStatus(isUp: boolean, error?: string): void { say(\`connected \${isUp} \${error ?? ''}\`.trim()); }
  function showNotification(param: Record<string, unknown>): void { say(\`notification \${param.message}\`); }
  function handleUserJoined(param: Record<string, unknown>): void { say(\`joined \${param.username}\`); }
  function displayChatMessage(param: Record<string, unknown>): void { say(\`chat \${param.text}\`); }
  function handleSystemUpdate(param: Record<string, unknown>): void { say(\`update \${JSON.stringify(param)}\`); }
  document.dispatchEvent(new Event('DOMContentLoaded'));
`;

async function printed(token: string): Promise<string> {
  const text = await readFile('test/dialects/channel-clients.md', 'utf8');
  const code = /```typescript\n(.*?)```/s.exec(text)?.[1];
  if (code === undefined) throw new Error('The document has no client');
  return code.replace('"/ws/notifications"', `"/ws/notifications?token=${token}"`) + READER;
}

/** Beside its `./socket`, which is ours. */
async function bundled(code: string): Promise<string> {
  const entry = resolve('test/dialects/page.ts');
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'page',
        load: (id) => (id === entry ? code : undefined),
        resolveId: (id) => {
          if (id === entry) return id;
          return id === './socket' ? resolve('client/src/realtime/channel-socket.ts') : undefined;
        },
      },
    ],
    build: { write: false, minify: false, lib: { entry, formats: ['iife'], name: 'page' } },
  });
  const [first] = [built].flat();
  if (!first || !('output' in first)) throw new Error('Nothing was built');
  return first.output[0].code;
}
