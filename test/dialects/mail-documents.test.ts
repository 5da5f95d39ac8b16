import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'vite';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { inBrowser, launch, noBrowser, openWindow, patienceMs } from '../browser/windows.js';
import { signIn, type Caller } from '../caller.js';
import { runs } from '../clients/installed.js';
import { DistantClinic } from './distant-clinic.js';

// The clients of a mail server's document, as they are printed there: only the address and the token are ours.
const email = {
  message_id: 'msg-12345',
  from: 'sender@example.com',
  subject: 'Important Update',
  folder: 'INBOX',
};

let server: DistantClinic;
let patient: Caller;
let operator: Caller;
let url: string;
beforeAll(async () => {
  server = await DistantClinic.open();
  patient = await signIn(server.url, 'patient@example.org');
  operator = await signIn(server.url, 'operator@example.org');
  url = `${server.url.replace('http', 'ws')}/notifications?token=${patient.token}`;
});
afterAll(() => server.close());

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
    codeOfCut: 0,
    isThere: true,
  },
  {
    name: 'python3-websockets',
    title: 'Python Client',
    program: '/usr/bin/python3',
    parameters: ['-u', '-c'],
    more: '',
    // An exception that it doesn't catch.
    codeOfCut: 1,
    isThere: runs('/usr/bin/python3', ['-c', 'import websockets']),
  },
];

for (const { name, title, program, parameters, more, codeOfCut, isThere } of programs) {
  describe.skipIf(!isThere)(isThere ? name : `${name} (the Debian package is not installed)`, () => {
    let client: ChildProcess;
    afterEach(() => client.kill());

    it('hears of a new e-mail, and of nothing that it did not ask for', async () => {
      const { lines } = await start();

      await post('email_deleted', { message_id: 'other' });
      await post('new_email', email);

      expect(await lineWith(lines, 'New email')).toBe('New email from sender@example.com: Important Update');
    });

    it.each<[string, () => unknown, number]>([
      ['a restart of the server', () => server.restart(), 0],
      ['a cut of the network', () => server.cut(), codeOfCut],
    ])('ends after %s, and the next one hears again', async (_, happen, code) => {
      const first = await start();

      const [[ended]] = await Promise.all([once(first.client, 'exit'), happen()]);
      const second = await start();
      await post('new_email', email);

      expect(ended).toBe(code);
      expect(await lineWith(second.lines, 'New email')).toContain('Important Update');
    });

    async function start(): Promise<{ client: ChildProcess; lines: AsyncIterator<string> }> {
      const code = (await printed(title)) + more;
      client = spawn(program, [...parameters, code], { stdio: ['ignore', 'pipe', 'ignore'] });
      const output = client.stdout as NonNullable<typeof client.stdout>;
      const lines = createInterface({ input: output })[Symbol.asyncIterator]();
      await lineWith(lines, 'subscribed');
      return { client, lines };
    }
  });
}

describe.skipIf(noBrowser)(inBrowser('the page'), () => {
  let browser: Browser;
  beforeAll(async () => (browser = await launch()), patienceMs);
  afterAll(() => browser?.close());

  it(
    'that reconnects is there again after a cut of the network and a restart of the server',
    async () => {
      const page = await openPage();
      const told: string[] = [];
      page.on('console', (said) => said.type() === 'log' && told.push(said.text()));
      await page.addScriptTag({ content: SUBSCRIBE + (await printed('Reconnection Logic')) + START });
      await page.getByText('subscribed').waitFor();

      server.cut();
      await page.getByText('subscribed').nth(1).waitFor();
      await post('new_email', { ...email, subject: 'After the cut' });
      await page.getByText('new_email After the cut').waitFor();
      await server.restart();
      await page.getByText('subscribed').nth(2).waitFor();
      await post('new_email', { ...email, subject: 'After the restart' });
      await page.getByText('new_email After the restart').waitFor();

      expect(told).toEqual([
        'Connected',
        ...['Reconnecting... (1/10)', 'Connected'],
        ...['Reconnecting... (1/10)', 'Connected'],
      ]);
    },
    patienceMs,
  );

  it(
    'of React lists what comes',
    async () => {
      const page = await openPage();
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

  async function openPage(): Promise<Page> {
    const page = await openWindow(browser, server, { bypassCSP: true });
    await page.goto('/livez');
    return page;
  }
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

/** What the document leaves to its reader: each connection subscribes anew, and shows what it is told. */
const SUBSCRIBE = `
  let connection;
  const show = ({ type, data }) =>
    document.body.append(Object.assign(document.createElement('p'), { textContent: [type, data?.subject].join(' ').trim() }));
  window.WebSocket = class extends WebSocket {
    constructor(url) {
      super(url);
      connection = this;
      this.onmessage = ({ data }) => show(JSON.parse(data));
    }
  };
  function resubscribeToEvents() {
    connection.send(JSON.stringify({ action: 'subscribe', event_type: 'new_email' }));
  }
`;
const START = 'connectWebSocket();';

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
