import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, stopServers, type RunningServer } from '../server.js';

let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ environment: { LOG_LEVEL: 'info' } });
});

afterAll(stopServers);

describe('the web client', () => {
  it.each(['/', '/appointments/7'])('is what a browser gets at %s', async (path) => {
    const page = await browse(path);

    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    expect(await page.text()).toContain('<div id="root">');
  });

  it('may run its own scripts, its worker from a blob, and nothing else', async () => {
    const page = await browse('/');

    const policy = page.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("worker-src 'self' blob:");
    expect(policy).not.toContain('unsafe');
  });

  it('has files that a browser keeps for ever, since their names change with them', async () => {
    const html = await (await browse('/')).text();
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? '';

    const file = await fetch(`${server.url}${script}`);

    expect(file.status).toBe(200);
    expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });

  it.each(['/api/nothing', '/livez/x', '/ws/nothing/at/all', '/missing.js'])(
    'is not the answer to %s',
    async (path) => {
      const answer = await browse(path);

      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(await answer.text()).not.toContain('<div id="root">');
    },
  );

  it.each(['*/*', 'text/*'])('is at / for a program that takes %s', async (Accept) => {
    const answer = await fetch(server.url, { headers: { Accept } });

    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('text/html');
  });

  it('leaves its connection open for what is asked next', async () => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    const get = `GET / HTTP/1.1\r\nHost: ${hostname}\r\nAccept: text/html\r\n`;
    socket.write(`${get}\r\n${get}Connection: close\r\n\r\n`);

    const answers = await text(socket);

    expect(answers.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
  });

  it.each([
    ['/appointments', '*/*'],
    ['/', 'application/json'],
  ])('is not the answer to a program at %s that takes %s', async (path, Accept) => {
    const answer = await fetch(server.url + path, { headers: { Accept } });

    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });
});

describe('the page about the API', () => {
  it('is made of files of this server alone, under the policy of all pages', async () => {
    const page = await browse('/api/docs');
    const html = await page.text();
    const paths = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);

    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toBe(
      (await browse('/')).headers.get('content-security-policy'),
    );
    expect(paths).toContain('/api/docs/swagger-ui-bundle.js');
    for (const path of paths) expect([path, (await fetch(server.url + path)).status]).toEqual([path, 200]);
  });

  it.each(['package.json', 'swagger-ui.js', '..%2Fpackage.json'])('has no file %s', async (name) => {
    expect((await fetch(`${server.url}/api/docs/${name}`)).status).toBe(404);
  });
});

describe('the log', () => {
  it('has a line for a request, without its query', async () => {
    await fetch(`${server.url}/api/notifications/stream?ticket=spare-key`);

    await expect.poll(() => server.output()).toContain('"path":"/api/notifications/stream","status":401');
    expect(server.output()).not.toContain('spare-key');
  });
});

function browse(path: string): Promise<Response> {
  return fetch(`${server.url}${path}`, { headers: { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });
}
