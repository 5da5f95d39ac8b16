import { randomUUID } from 'node:crypto';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { expect } from 'vitest';
import { createApplication } from '../../src/application.js';
import { LoginSessions } from '../../src/clinic/auth/login-sessions.js';
import type { Clock } from '../../src/library/broker/clock.js';
import { loadSettings } from '../../src/config.js';
import { Store } from '../../src/library/store/store.js';
import { UsersService } from '../../src/clinic/users/users.service.js';
import { sqlite, type FreshDatabase } from '../databases.js';

/** The whole application over real HTTP and a SQLite file of its own. */
export interface Clinic {
  readonly url: string;
  readonly application: NestExpressApplication;
  readonly database: FreshDatabase;
  close(): Promise<void>;
}

export const secret = 'a secret of thirty-two bytes or more';

/**
 * @param environment settings beside the demo's
 * @param shared a database that others may have open too, for several nodes
 * @param clock of its calendar
 */
export async function openClinic(
  environment: Readonly<Record<string, string>> = {},
  shared?: FreshDatabase,
  clock?: Clock,
): Promise<Clinic> {
  const database = shared ?? (await sqlite.create());
  const application = await createApplication(
    loadSettings({ DATABASE_URL: database.url, JWT_SECRET: secret, LOG_LEVEL: 'silent', ...environment }),
    { ...(clock && { clock }) },
  );
  await application.listen(0, '127.0.0.1');
  return {
    url: await application.getUrl(),
    application,
    database,
    async close() {
      await application.close();
      if (!shared) await database.drop();
    },
  };
}

export interface Answer<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** One request, whatever comes of it. */
export async function ask<T = Record<string, unknown>>(
  url: string,
  { token, body, headers, method = body === undefined ? 'GET' : 'POST' }: Request = {},
): Promise<Answer<T>> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? undefined : JSON.parse(text)) as T,
  };
}

interface Request {
  readonly token?: string | undefined;
  /** A string goes as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
}

/** A working day far enough ahead, at eight by Berlin's clock plus some cells. */
export function slot(cell: number, daysAhead = 2): string {
  const day = new Date(Date.now() + daysAhead * 86_400_000).toISOString().slice(0, 10);
  const hour = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Europe/Berlin',
    hour: '2-digit',
    hourCycle: 'h23',
  });
  // Noon UTC is 13 or 14 in Berlin, so eight is five or six hours before it.
  const noon = new Date(`${day}T12:00:00Z`);
  const eight = noon.getTime() - (Number(hour.format(noon)) - 8) * 3_600_000;
  return new Date(eight + cell * 900_000).toISOString();
}

export interface Login {
  readonly token: string;
  readonly expiresAt: string;
  readonly user: {
    readonly id: number;
    readonly email: string;
    readonly name: string;
    readonly role: string;
  };
}

/** Signs a demo user in. @param who the part of the address before `@example.org` */
export async function signIn(clinic: Clinic, who: string): Promise<Login> {
  const credentials = { email: `${who}@example.org`, password: 'carillon' };
  const { status, body } = await ask<Login>(`${clinic.url}/api/auth/login`, { body: credentials });
  if (status !== 200) throw new Error(`${who} was answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** Somebody new, with an empty inbox; signed in without a password, since checking those is most of a test's time. */
export async function newPatient({ application }: Clinic): Promise<Login> {
  const users = application.get(UsersService);
  const sessions = application.get(LoginSessions);
  const user = await application.get(Store).write((tx) =>
    users.create(tx, {
      email: `${randomUUID()}@example.org`,
      name: 'Rita Reader',
      role: 'patient',
      specialty: null,
      passwordHash: '',
    }),
  );
  const signedIn = await sessions.open(user);
  return {
    token: sessions.issue(signedIn),
    expiresAt: new Date(signedIn.expiresAt).toISOString(),
    user,
  };
}

/** The problem's status and code, after a look at the form that every problem has (RFC 9457). */
export function problemOf({ status, headers, body }: Answer): { status: number; code: unknown } {
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(body).toMatchObject({
    type: `urn:carillon:problem:${String(body['code'])}`,
    title: expect.any(String) as string,
    detail: expect.any(String) as string,
    status,
  });
  return { status, code: body['code'] };
}
