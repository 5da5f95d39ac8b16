import { Agent, METHODS, request } from 'node:http';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  bodies,
  examples,
  operations as groups,
  type Operation,
} from '../../src/clinic/contract/operations.js';
import { postgres, sqlite, type FreshDatabase } from '../databases.js';
import { ask, openClinic, signIn, slot, type Clinic } from '../rest/clinic.js';

const operations = Object.values(groups).flatMap((group) => Object.values(group));
const agent = new Agent({ keepAlive: true, maxSockets: 16 });
afterAll(() => agent.destroy());

/** JSON texts that some database stumbles over. */
const rows: readonly string[] = [
  ...['null', 'true', '""', '" "', '"0"', '"x"', '-1', '0', '1.5', '1e999', '-1e999', '1e21'],
  ...['2147483647', '2147483648', '4294967296', '9007199254740991', '9007199254740993', '"2147483648"'],
  ...[
    String.raw`"a\u0000b"`,
    String.raw`"\u0000"`,
    String.raw`"\ud800"`,
    String.raw`"\udc00\ud800"`,
    String.raw`"\u202e"`,
  ],
  ...['"0000-01-01T00:00:00Z"', '"0001-01-01T00:00:00Z"', '"9999-12-31T23:45:00Z"', '"2026-02-30T00:00:00Z"'],
  ...[
    '"+275760-09-13T00:00:00.000Z"',
    '"-000001-01-01T00:00:00Z"',
    '"2026-13-01"',
    '"0000-01-01"',
    '"9999-12-31"',
  ],
  ...[`"${'x'.repeat(20_000)}"`, '"\' or 1=1 --"', '"%"', '"\\\\"', '"${1}"', '"\\r\\nX-Forged: 1"'],
];

/** And those that some reader before it does. */
const shapes: readonly string[] = [
  ...['[]', '{}', '[[]]', '[null]', '[1,"x",{}]', '{"0":"x"}', '{"$gt":""}', '{"length":-1}'],
  ...['"__proto__"', '"constructor"', '"toString"', '"hasOwnProperty"'],
  ...['{"__proto__":{"x":1}}', '{"constructor":1}', '{"toString":1,"valueOf":2}'],
  ...[`${'['.repeat(100_000)}${']'.repeat(100_000)}`, `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
];

const ids = [
  '0',
  '-1',
  '1e0',
  '2147483647',
  '2147483648',
  '9007199254740991',
  '9007199254740993',
  'x',
  '__proto__',
  'constructor',
  '%20',
  '%00',
  '%ff',
  '%E0%A4%A',
];

/** Whoever may ask. */
const bearer: Record<string, string> = {};

describe.each([
  { ...sqlite, junk: [...rows, ...shapes] },
  // What no database sees is the same before each.
  { ...postgres, junk: rows },
])('on $name', ({ name, isHere, create, junk }) => {
  let clinic: Clinic;
  let database: FreshDatabase;

  beforeAll(async () => {
    if (!isHere) return;
    database = await create();
    // What is asked for here is odd, and much.
    const limits = {
      LIMIT_APPOINTMENT_CHANGES: '100000',
      LIMIT_PATIENT_EVENTS: '100000',
      LIMIT_LOGIN_FAILURES: '100000',
    };
    clinic = await openClinic(limits, database);
    for (const who of ['patient', 'operator']) bearer[who] = (await signIn(clinic, who)).token;
    const doctors = await ask<{ items: { id: number }[] }>(`${clinic.url}/api/doctors`, {
      token: bearer['patient'],
    });
    const booking = { doctorId: doctors.body.items[0]!.id, startsAt: slot(0) };
    await ask(`${clinic.url}/api/appointments`, { token: bearer['patient'], body: booking });
  });
  afterAll(async () => {
    await clinic?.close();
    await database?.drop();
  });

  /** Answers that are a fault of ours, or none. */
  async function faults(requests: readonly Odd[]): Promise<string[]> {
    const found: string[] = [];
    const waiting = [...requests];
    const work = async (): Promise<void> => {
      for (let odd = waiting.pop(); odd; odd = waiting.pop()) {
        const { method, path, token, body, headers } = odd;
        const status = await statusOf(clinic.url + path, {
          method,
          headers: {
            ...(token !== undefined && { Authorization: `Bearer ${token}` }),
            ...(body !== undefined && { 'Content-Type': 'application/json' }),
            ...headers,
          },
          body,
        });
        if (status >= 500)
          found.push(
            `${status} ${method} ${path} ${JSON.stringify(headers ?? '')} ${String(body).slice(0, 100)}`,
          );
      }
    };
    await Promise.all(Array.from({ length: 16 }, work));
    return found;
  }

  describe.skipIf(!isHere)('odd input is no fault of ours', () => {
    it.each(operations.filter(({ body }) => body))('in the body of $call', async (operation) => {
      const example: Readonly<Record<string, unknown>> = { ...examples[operation.body!] };
      const { properties = {} } = z.toJSONSchema(bodies[operation.body!], {
        io: 'input',
        unrepresentable: 'any',
      });
      const fields = [...Object.keys(properties), '__proto__', 'constructor'];
      // Each that passes costs the check of a password.
      const values = /auth|password|email/.test(operation.call)
        ? junk.filter((json) => /u0000b|ud800"|__proto__"/.test(json))
        : junk;
      const bodiesWith = (field: string, json: string): string => {
        const others = Object.entries(example).filter(([name]) => name !== field);
        return `{${[...others.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`), `${JSON.stringify(field)}:${json}`].join()}}`;
      };
      const texts = [
        ...junk,
        '',
        '{',
        '\ufeff{}',
        ...fields.flatMap((field) => values.map((json) => bodiesWith(field, json))),
      ];

      expect(
        await faults(
          texts.map((body) => ({
            ...callOf(operation),
            body,
            headers: { 'Idempotency-Key': body.length % 2 ? 'odd' : `k${Math.random()}` },
          })),
        ),
      ).toEqual([]);
    });

    it.each(operations.filter(({ call }) => call.includes('{')))(
      'in the path of $call',
      async (operation) => {
        const { path, ...call } = callOf(operation);
        const body = operation.body && JSON.stringify(examples[operation.body]);

        expect(
          await faults(ids.map((id) => ({ ...call, path: path.replace('/1', `/${id}`), body }))),
        ).toEqual([]);
      },
    );

    it.each(operations.filter(({ query, access }) => query && access !== 'ticket'))(
      'in the query of $call',
      async (operation) => {
        const { path, ...call } = callOf(operation);
        const names = [
          'limit',
          'after',
          'before',
          'from',
          'to',
          'status',
          'filter',
          'date',
          'ticket',
          'since',
          '__proto__',
          'constructor',
        ];
        const values = [
          ...junk.map((json) => json.replaceAll('"', '').slice(0, 2_000)),
          'earliest',
          'a:1',
          'constructor:1',
          'a:9007199254740991',
        ];
        const queries = names.flatMap((name) => [
          ...values.map((value) => `${name}=${encodeURIComponent(Buffer.from(value).toString())}`),
          ...[
            `${name}=1&${name}=2`,
            `${name}[]=1`,
            `${name}[x]=1`,
            `${name}=%00`,
            `${name}=%ff`,
            `${name}=%`,
            name,
            `&=&${name}`,
          ],
        ]);

        expect(await faults(queries.map((query) => ({ ...call, path: `${path}?${query}` })))).toEqual([]);
      },
    );

    it.skipIf(name === postgres.name)('in headers (once, before any database)', async () => {
      const odd = [
        '',
        ' ',
        'x',
        '*',
        '"',
        'W/"',
        '"3", W/"3", *',
        'null',
        '__proto__',
        'constructor',
        'x'.repeat(8_000),
        '\u00ff\u00e4',
        '1:1',
        ','.repeat(1_000),
      ];
      const tokens = [
        '.',
        '..',
        'a.b.c',
        'e30.e30.',
        'eyJhbGciOiJub25lIn0.e30.',
        'eyJhbGciOiJjb25zdHJ1Y3RvciJ9.e30.x',
        `${Buffer.from('['.repeat(3_000)).toString('base64url')}.e30.x`,
      ];
      const headers = [
        ...[
          'Authorization',
          'Idempotency-Key',
          'If-Match',
          'Accept',
          'Accept-Language',
          'Accept-Encoding',
          'Cookie',
          'Range',
          'If-None-Match',
          'If-Modified-Since',
          'Origin',
          'Content-Type',
          'Content-Encoding',
          'X-Forwarded-For',
          'X-Forwarded-Proto',
          'X-Forwarded-Host',
          'Forwarded',
          'Access-Control-Request-Method',
          'X-HTTP-Method-Override',
        ].flatMap((name) => odd.map((value) => ({ [name]: value }))),
        ...tokens.map((token) => ({ Authorization: `Bearer ${token}` })),
        ...[
          'application/json; charset=constructor',
          'application/json; charset=utf-16',
          'multipart/form-data; boundary=',
          'application/x-www-form-urlencoded',
          'text/plain',
        ].map((type) => ({ 'Content-Type': type })),
        ...['gzip', 'deflate', 'br', 'identity', 'gzip, gzip', 'zstd'].map((encoding) => ({
          'Content-Encoding': encoding,
        })),
      ];
      const paths: Odd[] = [
        { method: 'PATCH', path: '/api/appointments/1', body: '{"reason":"x"}' },
        { method: 'GET', path: '/api/appointments' },
        { method: 'GET', path: '/' },
        { method: 'GET', path: '/api/docs/swagger-ui.css' },
        { method: 'OPTIONS', path: '/api/me' },
        { method: 'GET', path: '/ws/info' },
        { method: 'GET', path: '/api/notifications/stream?ticket=x' },
      ];

      const requests = paths.flatMap((path) =>
        headers.map((one) => ({ ...path, token: bearer['patient'], headers: one })),
      );
      expect(await faults(requests)).toEqual([]);
    });

    it.skipIf(name === postgres.name)('in methods (once, before any database)', async () => {
      const methods = [
        'TRACE',
        'PROPFIND',
        'PURGE',
        'M-SEARCH',
        'QUERY',
        'LINK',
        'HEAD',
        'OPTIONS',
        'DELETE',
        'SOURCE',
      ].filter((method) => METHODS.includes(method));
      const paths = [
        '/',
        '/api/me',
        '/api/appointments/1',
        '/ws/info',
        '/ws/0/a/xhr',
        '/livez',
        '/metrics',
        '/stomp',
        '/api/docs/start.js',
      ];

      expect(
        await faults(
          methods.flatMap((method) => paths.map((path) => ({ method, path, token: bearer['patient'] }))),
        ),
      ).toEqual([]);
    });

    it.skipIf(name === postgres.name)('in what is packed (once, before any database)', async () => {
      const bomb = deflateSync(Buffer.alloc(50_000_000, ' '));

      expect(
        await faults([
          {
            method: 'POST',
            path: '/api/notifications/ack',
            token: bearer['patient'],
            body: bomb,
            headers: { 'Content-Encoding': 'deflate' },
          },
        ]),
      ).toEqual([]);
    });
  });
});

interface Odd {
  readonly method: string;
  readonly path: string;
  readonly token?: string | undefined;
  readonly body?: string | Buffer | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

function callOf({ call, access }: Operation): Odd {
  const [method = '', path = ''] = call.split(' ');
  const isOperators = Array.isArray(access) && (access as readonly string[]).includes('operator');
  return {
    method,
    path: path.replaceAll(/\{\w+\}/g, '1'),
    token: bearer[isOperators ? 'operator' : 'patient'],
  };
}

function statusOf(url: string, { method, headers = {}, body }: Omit<Odd, 'path'>): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { method, headers, agent, path: url.slice(url.indexOf('/', 8)) },
      (answer) => {
        // A stream that was opened goes on.
        if (answer.headers['content-type'] === 'text/event-stream') answer.destroy();
        else answer.resume();
        answer.on('close', () => resolve(answer.statusCode ?? 0));
      },
    );
    outgoing.on('error', reject).end(body);
  });
}
