import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Store } from '../../src/library/store/store.js';
import { ask, newPatient, openClinic, signIn, type Clinic, type Login } from './clinic.js';
import { danglingReferences, faultsOf, type Described, type Schema } from './json-schema.js';

interface Document extends Described {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly operationId: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, Response>>;
}

interface Response {
  readonly headers?: Readonly<Record<string, { readonly required?: boolean }>>;
  readonly content?: Content;
}

type Content = Readonly<Record<string, { readonly schema: Schema; readonly example?: unknown }>>;

interface Row extends Operation {
  readonly method: string;
  readonly path: string;
}

let clinic: Clinic;
let document: Document;
let rows: readonly Row[];
const logins = new Map<string, Login>();
const resetToken = 'a token of a link';
const emailToken = 'a token of another link';
let otherSession = '';
/** Of the operator. */
let feed: string;

beforeAll(async () => {
  // The examples' dates are years ahead.
  clinic = await openClinic({ LIMIT_BOOKING_DAYS: '3650' });
  document = (await ask<Document>(`${clinic.url}/api/openapi.json`)).body;
  rows = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ method, path, ...operation })),
  );
  for (const who of ['patient', 'doctor', 'operator']) logins.set(who, await signIn(clinic, who));
  const { token } = logins.get('operator') ?? {};
  ({ path: feed } = (
    await ask<{ path: string }>(`${clinic.url}/api/calendar`, { token, method: 'POST' })
  ).body);
  logins.set('leaver', await newPatient(clinic));
  await signIn(clinic, 'operator');
  await clinic.application
    .get(Store)
    .write(({ manager }) =>
      manager.query('insert into reset_link (token_hash, user_id, expires_at) values ($1, $2, $3)', [
        createHash('sha256').update(resetToken).digest('base64url'),
        logins.get('leaver')!.user.id,
        Date.now() + 60_000,
      ]),
    );
  logins.set('mover', await newPatient(clinic));
  await clinic.application
    .get(Store)
    .write(({ manager }) =>
      manager.query(
        'insert into email_change (user_id, token_hash, email, expires_at) values ($1, $2, $3, $4)',
        [
          logins.get('mover')!.user.id,
          createHash('sha256').update(emailToken).digest('base64url'),
          'moved@example.org',
          Date.now() + 60_000,
        ],
      ),
    );
  const { body } = await ask<{ items: { id: string; isCurrent: boolean }[] }>(
    `${clinic.url}/api/auth/sessions`,
    { token: logins.get('operator')!.token },
  );
  otherSession = body.items.find(({ isCurrent }) => !isCurrent)!.id;
});
afterAll(() => clinic.close());

describe('the OpenAPI document', () => {
  it('has every route that the server has, and no other', () => {
    const express = clinic.application.getHttpAdapter().getInstance();
    const routes = express.router.stack.flatMap(({ route }) =>
      (route?.stack ?? []).map(({ method }) => `${method} ${route?.path.replaceAll(/:(\w+)/g, '{$1}')}`),
    );

    expect(
      rows.map(({ method, path }) => `${method} ${path}`).toSorted(),
      'A route and its row in src/clinic/contract/operations.ts come and go together',
    ).toEqual(routes.toSorted());
  });

  it('says who may call what', async () => {
    const described = rows.map((row) => ({
      call: row.operationId,
      isPublic: row.security.length === 0,
      isForPatients: isFor('patient', row),
    }));

    const found = [];
    for (const row of rows) {
      const body = row.requestBody && {};
      const visitor = await newPatient(clinic);
      logins.set('visitor', visitor);
      const asPatient = await answered(row, { as: 'visitor', path: { userId: visitor.user.id }, body });
      found.push({
        call: row.operationId,
        isPublic: (await answered(row, { body })).status !== 401,
        isForPatients: asPatient.status !== 403,
      });
    }

    expect(found).toEqual(described);
  });

  it('refers to nothing that is not there, and names no operation twice', () => {
    const names = rows.map(({ operationId }) => operationId);

    expect(danglingReferences(document)).toEqual([]);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it('has the version of the package', async () => {
    const { version } = JSON.parse(await readFile('src/library/package.json', 'utf8')) as {
      version: string;
    };

    expect(document.info.version).toBe(version);
  });
});

interface Call {
  /** Who calls; nobody without it. */
  readonly as?: string;
  /** What stands in the path. */
  readonly path?: Readonly<Record<string, string | number>>;
  readonly query?: string;
  /** Instead of the example. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** In this order: what one makes, the next ones look at. */
const successes: Readonly<Record<string, () => Call>> = {
  login: () => ({}),
  refresh: () => ({ as: 'patient' }),
  logout: () => ({ as: 'leaver' }),
  register: () => ({}),
  sessions: () => ({ as: 'operator' }),
  endSession: () => ({ as: 'operator', path: { session: otherSession } }),
  endOtherSessions: () => ({ as: 'operator' }),
  forgot: () => ({}),
  reset: () => ({ body: { token: resetToken, password: 'as long as I like' } }),
  askForEmail: () => ({ as: 'patient' }),
  confirmEmail: () => ({ body: { token: emailToken } }),
  changeAccount: () => ({ as: 'patient' }),
  changePassword: () => ({ as: 'doctor' }),
  ticket: () => ({ as: 'patient' }),
  me: () => ({ as: 'doctor' }),
  demo: () => ({}),
  clinic: () => ({ as: 'patient' }),
  doctors: () => ({ as: 'patient' }),
  freeSlots: () => ({ as: 'patient', path: { id: 3 }, query: '?date=2030-05-06' }),
  patients: () => ({ as: 'doctor', query: '?search=paula' }),
  calendarFeed: () => ({ as: 'patient' }),
  openCalendarFeed: () => ({ as: 'patient' }),
  readCalendarFeed: () => ({ path: { file: feed.replace('api/calendar/', '') } }),
  closeCalendarFeed: () => ({ as: 'patient' }),
  hours: () => ({ as: 'patient', path: { id: 4 } }),
  setHours: () => ({ as: 'operator', path: { id: 4 } }),
  addTimeOff: () => ({ as: 'doctor', path: { id: 3 } }),
  timesOff: () => ({ as: 'doctor', path: { id: 3 } }),
  misplaced: () => ({ as: 'doctor', path: { id: 3 } }),
  removeTimeOff: () => ({ as: 'doctor', path: { id: 3, timeOffId: 1 } }),
  book: () => ({ as: 'patient' }),
  appointments: () => ({ as: 'patient' }),
  appointment: () => ({ as: 'patient', path: { id: 1 } }),
  changeAppointment: () => ({ as: 'patient', path: { id: 1 } }),
  reminders: () => ({ as: 'operator' }),
  setStatus: () => ({ as: 'doctor', path: { id: 1 }, body: { status: 'arrived', undoMs: 60_000 } }),
  takeBack: () => ({ as: 'doctor', path: { id: 1 } }),
  file: () => ({ as: 'patient', path: { id: 1 } }),
  tell: () => ({ as: 'doctor', path: { id: 1 } }),
  cancel: () => ({ as: 'patient', path: { id: 1 } }),
  history: () => ({ as: 'patient', path: { id: 1 } }),
  notifications: () => ({ as: 'patient' }),
  counts: () => ({ as: 'patient' }),
  mark: () => ({ as: 'patient', path: { id: 1 } }),
  readAll: () => ({ as: 'patient' }),
  acknowledge: () => ({ as: 'patient' }),
  notify: () => ({ as: 'operator', headers: { 'Idempotency-Key': 'notify' } }),
  notifyMany: () => ({ as: 'operator', headers: { 'Idempotency-Key': 'notify-many' } }),
  broadcast: () => ({ as: 'operator' }),
  announcements: () => ({ as: 'patient' }),
  announce: () => ({ as: 'operator' }),
  preferences: () => ({ as: 'patient' }),
  changePreferences: () => ({ as: 'patient' }),
  channels: () => ({ as: 'patient' }),
  addDevice: () => ({ as: 'patient' }),
  devices: () => ({ as: 'patient' }),
  testDevice: () => ({ as: 'patient', path: { id: 1 } }),
  removeDevice: () => ({ as: 'patient', path: { id: 1 } }),
  shown: () => ({ as: 'patient' }),
  ...conversationCalls(''),
  ...conversationCalls('ByCastingPath'),
  deliveries: () => ({ as: 'operator' }),
  deliverySummary: () => ({ as: 'operator' }),
  allDevices: () => ({ as: 'operator' }),
  alerts: () => ({ as: 'operator', query: '?userId=1' }),
  alert: () => ({ as: 'operator', path: { id: 1 } }),
  stream: () => ({ as: 'patient' }),
  streamOf: () => ({ as: 'patient', path: { userId: logins.get('patient')?.user.id ?? 0 } }),
  events: () => ({ as: 'patient', query: '?topic=/topic/announcements' }),
  live: () => ({}),
  ready: () => ({}),
  metrics: () => ({}),
  openApi: () => ({}),
  asyncApi: () => ({}),
  docs: () => ({}),
  docsFile: () => ({ path: { file: 'start.js' } }),
};

/** A conversation of many, which the doctor begins, and at the end deletes. */
function conversationCalls(suffix: '' | 'ByCastingPath'): typeof successes {
  let id = 0;
  const inIt = (as: string): Call => ({ as, path: { id } });
  const calls: typeof successes = {
    begin: () => {
      id++;
      return { as: 'doctor', body: { memberIds: [1, 4] } };
    },
    conversations: () => ({ as: 'doctor' }),
    conversation: () => inIt('doctor'),
    addMembers: () => ({ ...inIt('doctor'), body: { userIds: [2] } }),
    say: () => inIt('patient'),
    messages: () => inIt('patient'),
    messagesArrived: () => inIt('doctor'),
    readMessages: () => inIt('doctor'),
    removeMember: () => ({ as: 'doctor', path: { id, member: 2 } }),
    deleteConversation: () => inIt('doctor'),
  };
  if (suffix !== '') id = 1;
  return Object.fromEntries(Object.entries(calls).map(([name, call]) => [name + suffix, call]));
}

const refusals: readonly [operation: string, code: string, call: Call][] = [
  ['login', 'invalid_request', { body: { email: 7 } }],
  ['login', 'auth_failed', { body: { email: 'patient@example.org', password: 'wrong' } }],
  ['register', 'email_taken', {}],
  ['endSession', 'not_found', { as: 'patient', path: { session: 'of-somebody-else' } }],
  ['askForEmail', 'wrong_password', { as: 'patient', body: { email: 'a@example.org', password: 'wrong' } }],
  ['confirmEmail', 'auth_failed', { body: { token: 'made up' } }],
  ['reset', 'auth_failed', { body: { token: 'made up', password: 'as long as I like' } }],
  [
    'changePassword',
    'wrong_password',
    { as: 'patient', body: { current: 'wrong', password: 'as long as I like' } },
  ],
  ['me', 'auth_failed', {}],
  ['me', 'auth_revoked', { as: 'leaver' }],
  ['freeSlots', 'invalid_request', { as: 'patient', path: { id: 3 } }],
  ['freeSlots', 'not_found', { as: 'patient', path: { id: 1 }, query: '?date=2030-05-06' }],
  [
    'book',
    'forbidden',
    { as: 'patient', body: { doctorId: 3, startsAt: '2030-05-06T12:00:00Z', patientId: 3 } },
  ],
  ['book', 'slot_taken', { as: 'patient', body: { doctorId: 3, startsAt: '2031-05-06T12:00:00Z' } }],
  ['book', 'too_far_ahead', { as: 'patient', body: { doctorId: 3, startsAt: '2090-05-06T12:00:00Z' } }],
  ['book', 'body_too_large', { as: 'patient', body: { reason: 'x'.repeat(2_000_000) } }],
  ['appointment', 'invalid_request', { as: 'patient', path: { id: 'first' } }],
  ['appointment', 'not_found', { as: 'patient', path: { id: 999 } }],
  ['changeAppointment', 'illegal_transition', { as: 'patient', path: { id: 1 } }],
  ['cancel', 'stale_version', { as: 'patient', path: { id: 1 }, headers: { 'If-Match': '"99"' } }],
  ['setStatus', 'illegal_transition', { as: 'doctor', path: { id: 1 } }],
  ['takeBack', 'not_found', { as: 'patient', path: { id: 1 } }],
  ['readCalendarFeed', 'not_found', { path: { file: 'nobody.ics' } }],
  ['patients', 'forbidden', { as: 'patient', query: '?search=paula' }],
  ['addTimeOff', 'forbidden', { as: 'patient', path: { id: 3 } }],
  ['setStatus', 'forbidden', { as: 'patient', path: { id: 1 } }],
  ['notifications', 'cursor_reset', { as: 'patient', query: '?after=elsewhere:1' }],
  ['mark', 'not_found', { as: 'patient', path: { id: 999 } }],
  ['notify', 'forbidden', { as: 'patient' }],
  [
    'notify',
    'idempotency_conflict',
    { as: 'operator', headers: { 'Idempotency-Key': 'notify' }, body: { userId: 1, message: 'Hello again' } },
  ],
  ['notify', 'not_found', { as: 'operator', body: { userId: 999, message: 'Hello?' } }],
  [
    'changePreferences',
    'invalid_request',
    { as: 'patient', body: { quietHours: { from: '22:00', to: '07:00', zone: 'Mars/Olympus' } } },
  ],
  [
    'addDevice',
    'invalid_request',
    {
      as: 'patient',
      body: {
        endpoint: 'https://169.254.169.254/',
        keys: {
          p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
          auth: 'BTBZMqHH6r4Tts7J_aSIgg',
        },
        name: 'x',
      },
    },
  ],
  ['deliveries', 'forbidden', { as: 'patient' }],
  ['alerts', 'not_found', { as: 'operator', query: '?userId=999' }],
  ['alert', 'not_found', { as: 'operator', path: { id: 999 } }],
  ['alert', 'forbidden', { as: 'doctor', path: { id: 1 } }],
  ['deliveries', 'invalid_request', { as: 'operator', query: '?userId=nobody' }],
  ['removeDevice', 'not_found', { as: 'patient', path: { id: 999 } }],
  ['testDevice', 'not_found', { as: 'patient', path: { id: 999 } }],
  ['begin', 'not_found', { as: 'patient', body: { memberIds: [2] } }],
  ['say', 'not_found', { as: 'patient', path: { id: 999 } }],
  ['streamOf', 'forbidden', { as: 'patient', path: { userId: 999 } }],
  ['events', 'forbidden', { as: 'patient', query: '?topic=/topic/secret' }],
  ['docsFile', 'not_found', { path: { file: 'package.json' } }],
];

describe('what the OpenAPI document says of answers', () => {
  it('is tried of every operation', () => {
    expect(Object.keys(successes)).toEqual(
      expect.arrayContaining(rows.map(({ operationId }) => operationId)),
    );
  });

  it.each(Object.entries(successes))('holds of %s, with its own example', async (name, call) => {
    const row = rowOf(name);

    const { status, headers, body } = await answered(row, call());

    const described = row.responses[status];
    expect(status).toBeLessThan(300);
    expect(described).toBeDefined();
    expectContent(described, { headers, body });
    expectHeaders(described, headers);
  });

  it.each(refusals)('holds of %s, refused with %s', async (name, code, call) => {
    if (code === 'slot_taken') await answered(rowOf(name), call);
    const row = rowOf(name);

    const { status, headers, body } = await answered(row, call);

    const described = row.responses[status];
    expect(body).toMatchObject({ status, code });
    expectContent(described, { headers, body });
    expect(codesOf(described)).toContain(code);
    expectHeaders(described, headers);
  });

  it.each(['Idempotency-Key', 'If-Match'])('names each call that heeds %s', async (header) => {
    const heeding = [];
    for (const row of rows) {
      logins.set('visitor', await newPatient(clinic));
      const as = isFor('patient', row) ? 'visitor' : 'operator';
      const { body } = await answered(row, { as, headers: { [header]: 'not good' } });
      const { errors = [] } = (body ?? {}) as { errors?: { path: string }[] };
      if (errors.some(({ path }) => path === header)) heeding.push(row.operationId);
    }

    const named = rows.filter(({ parameters }) => parameters.some(({ name }) => name === header));
    expect(heeding).toEqual(named.map(({ operationId }) => operationId));
  });
});

function rowOf(name: string): Row {
  const row = rows.find(({ operationId }) => operationId === name);
  if (!row) throw new Error(`There is no operation ${name}`);
  return row;
}

/** A scheme that names no roles is for everybody who has signed in. */
function isFor(role: string, { security }: Row): boolean {
  return security.every(({ bearer = [] }) => bearer.length === 0 || bearer.includes(role));
}

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined where nothing came; of a stream nothing is read. */
  readonly body: unknown;
}

function expectHeaders(described: Response | undefined, headers: Headers): void {
  const required = Object.entries(described?.headers ?? {}).filter(([, header]) => header.required);
  expect(required.filter(([name]) => !headers.has(name))).toEqual([]);
}

function codesOf(described: Response | undefined): readonly string[] | undefined {
  const { schema } = described?.content?.['application/problem+json'] ?? {};
  const { properties } = (schema ?? {}) as { properties?: { code: { enum: string[] } } };
  return properties?.code.enum;
}

/** Nothing where nothing is described; else of the media type that is, and of its schema. */
function expectContent(described: Response | undefined, { headers, body }: Omit<Answered, 'status'>): void {
  const [[type, { schema }] = [undefined, { schema: { not: {} } }]] = Object.entries(
    described?.content ?? {},
  );
  // Of a file only that it is some text is promised.
  const came = type === 'text/plain' ? type : headers.get('content-type')?.split(';')[0];

  expect(came).toBe(type);
  expect(body === undefined ? [] : faultsOf(document, schema, body)).toEqual([]);
  expect(body === undefined).toBe(type === undefined);
}

async function answered(
  row: Row,
  { as, path = {}, query = '', body, headers: more }: Call,
): Promise<Answered> {
  const token = as === undefined ? undefined : logins.get(as)?.token;
  const example = row.requestBody?.content['application/json']?.example;
  const sent = body ?? example;
  const cut = new AbortController();
  const response = await fetch(
    `${clinic.url}${row.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(path[name] ?? 1))}${query}`,
    {
      method: row.method.toUpperCase(),
      signal: cut.signal,
      headers: {
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...(sent !== undefined && { 'Content-Type': 'application/json' }),
        ...more,
      },
      ...(sent !== undefined && { body: JSON.stringify(sent) }),
    },
  );
  const { status, headers } = response;
  if (headers.get('content-type') === 'text/event-stream') {
    cut.abort();
    return { status, headers, body: '' };
  }
  const text = await response.text();
  const isJson = /json/.test(headers.get('content-type') ?? '');
  return { status, headers, body: isJson ? (JSON.parse(text) as unknown) : text || undefined };
}
