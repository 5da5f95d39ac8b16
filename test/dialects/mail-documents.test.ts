import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'vite';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { inBrowser, launch, noBrowser, openWindow, patienceMs } from '../browser/windows.js';
import { signIn, type Caller } from '../caller.js';
import { runs } from '../clients/installed.js';
import { startServer, stopServers, type RunningServer } from '../server.js';

// The clients of a mail server's document, as they are printed there: only the address and the token are ours.
const email = {
  message_id: 'msg-12345',
  from: 'sender@example.com',
  subject: 'Important Update',
  folder: 'INBOX',
};

let server: RunningServer;
let patient: Caller;
let operator: Caller;
let url: string;
beforeAll(async () => {
  server = await startServer();
  patient = await signIn(server.url, 'patient@example.org');
  operator = await signIn(server.url, 'operator@example.org');
  url = `${server.url.replace('http', 'ws')}/notifications?token=${patient.token}`;
});
afterAll(stopServers);

function post(type: string, data: object): Promise<unknown> {
  return operator.post('/api/notifications', { userId: patient.user.id, message: 'Ding', type, data });
}

const programs = [
  {
    name: 'Node.js',
    title: 'Node.js Client',
    program: process.execPath,
    parameters: ['-e'],
    // What the document leaves to its reader.
    more: 'function processNewEmail(data) { console.log(`New email from ${data.from}: ${data.subject}`); }',
    isThere: true,
  },
  {
    name: 'python3-websockets',
    title: 'Python Client',
    program: '/usr/bin/python3',
    parameters: ['-u', '-c'],
    more: '',
    isThere: runs('/usr/bin/python3', ['-c', 'import websockets']),
  },
];

for (const { name, title, program, parameters, more, isThere } of programs) {
  describe.skipIf(!isThere)(isThere ? name : `${name} (the Debian package is not installed)`, () => {
    let client: ChildProcess;
    afterEach(() => client.kill());

    it('hears of a new e-mail, and of nothing that it did not ask for', async () => {
      const code = (await printed(title)) + more;
      client = spawn(program, [...parameters, code], { stdio: ['ignore', 'pipe', 'inherit'] });
      const output = client.stdout as NonNullable<typeof client.stdout>;
      const lines = createInterface({ input: output })[Symbol.asyncIterator]();
      await lineWith(lines, 'subscribed');

      await post('email_deleted', { message_id: 'other' });
      await post('new_email', email);

      expect(await lineWith(lines, 'New email')).toBe('New email from sender@example.com: Important Update');
    });
  });
}

describe.skipIf(noBrowser)(inBrowser('the React panel'), () => {
  let browser: Browser;
  beforeAll(async () => (browser = await launch()), patienceMs);
  afterAll(() => browser?.close());

  it(
    'lists what comes',
    async () => {
      const page = await openWindow(browser, server, { bypassCSP: true });
      await page.goto('/livez');
      await page.setContent('<div id="root"></div>');
      await page.addScriptTag({ content: await bundled((await printed('React Integration')) + RENDER) });
      await page.getByText('Status: Connected').waitFor();
      await page.getByText('subscribed').nth(1).waitFor();

      await post('new_email', email);
      await post('calendar_event_added', { summary: 'Team Meeting' });

      await page.getByText(`calendar_event_added: {"summary":"Team Meeting"}`).waitFor();
      await page.getByText(`new_email: ${JSON.stringify(email)}`).waitFor();
    },
    patienceMs,
  );
});

async function lineWith(lines: AsyncIterator<string>, words: string): Promise<string> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`It ended and never said ${words}`);
    if (value.includes(words)) return value;
  }
}

/** The code below a heading of the document, with our address in it. */
async function printed(title: string): Promise<string> {
  const text = await readFile('test/dialects/mail-clients.md', 'utf8');
  const code = new RegExp(`## ${title}\n\n\`\`\`\\w+\n(.*?)\`\`\``, 's').exec(text)?.[1];
  if (code === undefined) throw new Error(`The document has no ${title}`);
  return code.replace('ws://localhost:8080/notifications', url);
}

const RENDER = `
  import { createRoot } from 'react-dom/client';
  createRoot(document.getElementById('root')).render(<NotificationPanel />);
`;

/** A module with JSX as one script for a page. */
async function bundled(code: string): Promise<string> {
  const entry = resolve('test/dialects/panel.jsx');
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'panel',
        load: (id) => (id === entry ? code : undefined),
        resolveId: (id) => (id === entry ? id : undefined),
      },
    ],
    define: { 'process.env.NODE_ENV': '"development"' },
    build: { write: false, minify: false, lib: { entry, formats: ['iife'], name: 'panel' } },
  });
  const [first] = [built].flat();
  if (!first || !('output' in first)) throw new Error('Nothing was built');
  return first.output[0].code;
}
