import { execFile, spawn } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, type IMessage } from '@stomp/stompjs';
import type { Browser, ConsoleMessage } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { inBrowser, launch, noBrowser, patienceMs } from '../browser/windows.js';
import { tcpProxy } from '../tcp-proxy.js';
import { Packed } from './packed.js';
import { compile, Program } from './program.js';
import { fromRegistry, noRegistry, type } from './registry.js';

const run = promisify(execFile);

/** What the guide tells to install, for links in the place of `npm install`. */
const linked = [
  ...['@nestjs', '@stomp', '@types', 'forwarded-parse', 'ipaddr.js', 'reflect-metadata', 'rxjs'],
  ...['sockjs', 'sockjs-client', 'ws'],
  'undici-types',
];

let packed: Packed;
let guide: string;
const programs: Program[] = [];
const clients: Client[] = [];

beforeAll(async () => {
  [packed, guide] = await Promise.all([Packed.make(), readFile('docs/guide.md', 'utf8')]);
}, 120_000);
afterAll(() => packed.remove());
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.deactivate({ force: true })));
  await Promise.all(programs.splice(0).map((program) => program.stop()));
});

describe('the guide', () => {
  it('shows the example', async () => {
    for (const file of ['chat.ts', 'main.ts', 'index.html'])
      expect(block(file)).toBe(await readFile(`examples/chat/${file}`, 'utf8'));
  });

  it('names what has to be installed', () => {
    const named = [...guide.matchAll(/^npm install (?:-D )?(.*?)(?: #.*)?$/gm)].flatMap(([, names = '']) =>
      names.split(' '),
    );

    expect(named.filter((name) => !['"$TARBALL"', 'typescript'].includes(name))).toEqual([
      ...['@nestjs/common', '@nestjs/core', '@nestjs/platform-express', 'reflect-metadata', 'rxjs'],
      ...['@stomp/stompjs', '@types/node', 'typeorm', 'sqlite3'],
    ]);
  });

  describe.skipIf(noRegistry)(fromRegistry('as npm installs it'), { timeout: 2 * patienceMs }, () => {
    it('brings no database, and no second copy of Nest', async () => {
      const folder = await chat();

      const brought = await readdir(join(folder, 'node_modules'));

      expect(brought).toEqual(expect.arrayContaining(['carillon', 'sockjs', 'sockjs-client', 'ws']));
      expect(brought.filter((name) => ['typeorm', 'sqlite3', 'pg', 'zod'].includes(name))).toEqual([]);
      expect(await readdir(join(folder, 'node_modules/carillon'))).not.toContain('node_modules');
    });
  });

  describe.skipIf(noBrowser)(inBrowser('followed word for word'), { timeout: 2 * patienceMs }, () => {
    let browser: Browser;

    beforeAll(async () => {
      browser = await launch();
    }, patienceMs);
    afterAll(() => browser?.close());

    it('gives a chat in which two windows talk', async () => {
      const folder = await chat();
      await write(folder, ['tsconfig.json', 'chat.ts', 'main.ts', 'index.html']);
      expect(guide).toContain('```bash\nnpx tsc\nnode main.js\n```');
      await (noRegistry ? compile(folder) : type('npx tsc', folder));
      const { said: url } = await start(folder, 'main.js');
      const [ada, bob] = await Promise.all(
        ['ada', 'bob'].map(async (name) => {
          const page = await browser.newPage();
          // The subscriptions are answered before the page is asked to speak.
          const ready = page
            .waitForEvent('websocket')
            .then((socket) => socket.waitForEvent('framereceived', isHistory));
          await page.goto(`${url}/?name=${name}`);
          await ready;
          return page;
        }),
      );

      await ada!.getByRole('textbox', { name: 'Say' }).fill('hello');
      await ada!.keyboard.press('Enter');
      await bob!.getByText('ada: hello').waitFor();
      await bob!.getByRole('textbox', { name: 'Say' }).fill('good morning');
      await bob!.keyboard.press('Enter');
      await ada!.getByText('bob: good morning').waitFor();

      const late = await browser.newPage();
      await late.goto(url);
      await late.getByText('bob: good morning').waitFor();
      expect(await late.getByRole('listitem').allTextContents()).toEqual(['ada: hello', 'bob: good morning']);
    });
  });

  it('has a test of the chat that passes', { timeout: 2 * patienceMs }, async () => {
    const folder = await chat();
    await write(folder, ['tsconfig.json', 'chat.ts', 'chat.test.ts']);
    expect(guide).toContain('```bash\nnpx tsc\nnode --test chat.test.js\n```');
    await compile(folder);

    const { stdout } = await run(process.execPath, ['--test', 'chat.test.js'], { cwd: folder });

    expect(stdout).toMatch(/pass 1$/m);
  });

  it('has a topic that keeps its messages, over a kill too', { timeout: 2 * patienceMs }, async () => {
    const folder = await packed.install('news', [...linked, 'typeorm', 'sqlite3']);
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    await write(folder, ['tsconfig.json', 'news.ts']);
    await compile(folder);
    const first = await start(folder, 'news.js');
    const ada = await connected(`${first.said.replace('http', 'ws')}/ws`);
    const told = new Promise<void>((resolve) => {
      ada.onUnhandledReceipt = () => resolve();
    });
    ada.publish({ destination: '/app/news', body: '"We moved"', headers: { receipt: 'told' } });
    await told;
    await first.stop('SIGKILL');

    const { said: url } = await start(folder, 'news.js');
    const bob = await connected(`${url.replace('http', 'ws')}/ws`);
    const heard: IMessage[] = [];
    await new Promise<void>((resolve) => {
      const note = (message: IMessage): unknown => heard.push(message) === 2 && resolve();
      bob.subscribe('/topic/news', note, { since: 'earliest' });
    });

    expect(JSON.parse(heard[0]!.body)).toMatchObject({ verdict: 'complete' });
    expect([heard[1]!.body, heard[1]!.headers['replayed']]).toEqual(['{"text":"We moved"}', 'true']);
    expect(await (await fetch(`${url}/news`)).json()).toEqual(['{"text":"We moved"}']);
  });

  it('has a broker without Nest, in fifteen lines', async () => {
    const folder = await project('bare', ['bare.mjs']);
    const { said: port } = await start(folder, 'bare.mjs');
    const client = await connected(`ws://127.0.0.1:${port}/ws`);

    const { body } = await firstMessage(client, '/topic/clock');

    expect(body).toContain(`${new Date().getFullYear()}`);
    expect(block('bare.mjs').trimEnd().split('\n').length).toBeLessThanOrEqual(15);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('Speak STOMP at /ws.\n');
    expect((await fetch(`http://127.0.0.1:${port}/ws/info`)).status).toBe(200);
  });
});

describe('the ticker', () => {
  it(
    'streams prices to each subscriber, and answers an order',
    async () => {
      const folder = await packed.install('ticker', linked);
      await writeFile(join(folder, 'tsconfig.json'), block('tsconfig.json'));
      await writeFile(join(folder, 'package.json'), '{"type":"module"}');
      for (const file of ['main.ts', 'stocks.ts'])
        await writeFile(join(folder, file), await readFile(`examples/ticker/${file}`, 'utf8'));
      await compile(folder);
      const ticker = await start(folder, 'main.js');
      const { said: url } = ticker;
      const client = await connected(`${url.replace('http', 'ws')}/ws`);

      const prices: unknown[] = [];
      await new Promise<void>((resolve) => {
        client.subscribe(
          '/app/prices/ACME',
          ({ body }) => {
            prices.push(JSON.parse(body));
            if (prices.length === 3) resolve();
          },
          { 'every-ms': '10' },
        );
      });
      const bought = firstMessage(client, '/user/queue/trades');
      client.publish({ destination: '/app/buy', body: '{"symbol":"EMCA","shares":2}' });

      expect(prices[0]).toEqual({ symbol: 'ACME', price: 101 });
      expect(JSON.parse((await bought).body)).toEqual({
        buyer: 'ada',
        symbol: 'EMCA',
        shares: 2,
        price: 100,
      });
      expect(await curled(url)).toMatch(/event: price\ndata: \{"symbol":"AAPL","price":\d+\}/);
      if (noBrowser) return;
      await expectPricesInPage(url, async () => {
        await ticker.stop('SIGKILL');
        return (await start(folder, 'main.js')).said;
      });
    },
    patienceMs,
  );
});

/** What the document's line prints until there is a price. */
async function curled(url: string): Promise<string> {
  const line = await printed('curl', url);
  const shell = spawn('/bin/sh', ['-c', line.replace('curl -N', 'exec curl -sN')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const piece of shell.stdout) {
    text += String(piece);
    if (/^data: .*\n/m.test(text)) break;
  }
  shell.kill();
  return text;
}

/** @param restart gives where it is then; the page knows one address only */
async function expectPricesInPage(url: string, restart: () => Promise<string>): Promise<void> {
  const target = { host: '127.0.0.1', port: Number(new URL(url).port) };
  const proxy = await tcpProxy(target);
  const address = `http://127.0.0.1:${proxy.port}`;
  const [listening = '', closing = ''] = (await printed('JavaScript', address)).split('// Close connection');
  const browser = await launch();
  try {
    const page = await browser.newPage();
    const said = (words: string): Promise<ConsoleMessage> =>
      page.waitForEvent('console', (message) => message.text().startsWith(words));
    await page.goto(`${address}/nothing`);
    const price = said('Stock price:');
    await page.addScriptTag({ content: listening });
    const [, data] = (await price).args();
    expect(await data?.jsonValue()).toEqual({ symbol: 'AAPL', price: expect.any(Number) as unknown });

    const lost = said('SSE error:');
    proxy.cut();
    await lost;
    await said('Stock price:');
    await proxy.stop();
    target.port = Number(new URL(await restart()).port);
    await proxy.resume();
    await said('Stock price:');
    expect(await page.evaluate(`${closing}source.readyState`)).toBe(2);
  } finally {
    await browser.close();
    await proxy.stop();
  }
}

/** The code below a heading of the document, with the ticker's address in it. */
async function printed(title: string, url: string): Promise<string> {
  const text = await readFile('test/dialects/stock-clients.md', 'utf8');
  const code = new RegExp(`## ${title}\n\n\`\`\`\\w+\n(.*?)\`\`\``, 's').exec(text)?.[1];
  if (code === undefined) throw new Error(`The document has no ${title}`);
  return code.replace('http://localhost:3000', url);
}

it.each(['chat/chat.ts', 'ticker/main.ts', 'ticker/stocks.ts'])(
  'the example %s has less than 80 lines',
  async (name) => {
    const lines = (await readFile(`examples/${name}`, 'utf8')).trimEnd().split('\n');

    expect(lines.length).toBeLessThan(80);
  },
);

/** The text of a fenced block, by the name behind its language. */
function block(name: string): string {
  const found = new RegExp(`^\`\`\`\\w+ ${name.replaceAll('.', '\\.')}\\n(.*?)^\`\`\`$`, 'ms').exec(guide);
  if (!found?.[1]) throw new Error(`The guide has no block ${name}`);
  return found[1];
}

let made: Promise<string> | undefined;

/** The project of the guide's first chapter: as typed, or with links where there is no registry. */
function chat(): Promise<string> {
  made ??= noRegistry ? project('chat', []) : typed();
  return made;
}

/** In a copy of the repository, whose `npm ci` has been run. */
async function typed(): Promise<string> {
  const [pack = '', create = ''] = [...guide.matchAll(/^```bash\n(.*?)^```$/gms)].map(
    ([, lines = '']) => lines,
  );
  expect(pack).toMatch(/^npm ci\n/);
  expect(create).toContain('npm install "$TARBALL" ');
  await type(pack.replace('npm ci\n', '') + create, packed.copy);
  return join(packed.root, 'chat');
}

async function project(name: string, files: readonly string[]): Promise<string> {
  const folder = await packed.install(name, linked);
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await write(folder, files);
  return folder;
}

async function write(folder: string, files: readonly string[]): Promise<void> {
  await Promise.all(files.map((file) => writeFile(join(folder, file), block(file))));
}

async function start(folder: string, file: string): Promise<Program> {
  const program = await Program.start(folder, file);
  programs.push(program);
  return program;
}

function isHistory({ payload }: { readonly payload: string | Buffer }): boolean {
  return String(payload).includes('destination:/app/rooms/blue');
}

async function connected(brokerURL: string): Promise<Client> {
  const client = new Client({
    webSocketFactory: () => new WebSocket(brokerURL, 'v12.stomp'),
    connectHeaders: { login: 'ada', passcode: '' },
    reconnectDelay: 0,
  });
  clients.push(client);
  await new Promise<void>((resolve) => {
    client.onConnect = () => resolve();
    client.activate();
  });
  return client;
}

function firstMessage(client: Client, destination: string): Promise<IMessage> {
  return new Promise((resolve) => {
    client.subscribe(destination, resolve);
  });
}
