import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';

// It compiles the library for them.
const timeout = 180_000;

it.each([
  ['chat', /<title>Chat<\/title>/],
  ['ticker', /"statusCode":404/],
])('npm run example:%s starts it', { timeout }, async (name, answer) => {
  const child = spawn('npm', ['run', '--silent', `example:${name}`], {
    detached: true,
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  try {
    expect(await (await fetch(await addressIn(child.stdout))).text()).toMatch(answer);
  } finally {
    process.kill(-child.pid!);
    await ended;
  }
});

async function addressIn(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const [url] = / (http:\S+)$/.exec(line)?.slice(1) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error('It ended without saying where it listens.');
}
