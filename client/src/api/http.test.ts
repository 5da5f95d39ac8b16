import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createHttp, type Http } from './http.js';
import { explain, Problem, Unreachable } from './problem.js';

type Answer = (response: ServerResponse) => void;

let server: Server;
let answers: Answer[];
let keys: (string | undefined)[];
let http: Http;

const lost: Answer = (response) => response.destroy();
const done: Answer = (response) => response.setHeader('Content-Type', 'application/json').end('{"id":7}');
const refused =
  (status: number): Answer =>
  (response) =>
    response.writeHead(status).end('{"code":"slot_taken","detail":"Taken."}');

beforeEach(async () => {
  [answers, keys] = [[], []];
  server = createServer((request: IncomingMessage, response) => {
    keys.push(request.headers['idempotency-key'] as string | undefined);
    (answers.shift() ?? done)(response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const nobody = { token: () => undefined, rejected: () => undefined };
  http = createHttp(new URL(`http://127.0.0.1:${port}/api`), nobody, { learn: () => undefined });
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

it.each([
  ['is lost', lost],
  ['is a proxy’s 502', refused(502)],
  ['is a proxy’s 504', refused(504)],
])('what has a key is asked for again with it when the answer %s', async (_, answer) => {
  answers = [answer];

  expect(await http('/appointments', { method: 'POST', body: {}, key: 'k' })).toEqual({ id: 7 });
  expect(keys).toEqual(['k', 'k']);
});

it('what has a key and is refused is not asked for again', async () => {
  answers = [refused(409)];

  await expect(http('/appointments', { method: 'POST', body: {}, key: 'k' })).rejects.toThrow(Problem);
  expect(keys).toEqual(['k']);
});

it('what has none may be done twice, so it is not asked for again', async () => {
  answers = [lost];

  await expect(http('/announcements', { method: 'POST', body: {} })).rejects.toMatchObject({
    consequence: 'perhaps',
  });
  expect(keys).toEqual([undefined]);
});

it('in the end says that trying again is safe', async () => {
  answers = [lost, lost, lost, lost];

  await expect(http('/appointments', { method: 'POST', body: {}, key: 'k' })).rejects.toSatisfy(
    (error) => error instanceof Unreachable && explain(error).includes('done once only'),
  );
  expect(keys).toEqual(['k', 'k', 'k', 'k']);
});
