import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { keptSecret } from './kept-secret.js';
import { certificateMistake } from './certificate-mistake.js';
import { limits, type Limits } from './clinic/limits.js';
import {
  choices,
  integer,
  isCidr,
  isContact,
  isDatabaseUrl,
  isHost,
  isMailFrom,
  isOrigin,
  isRelayUrl,
  isSmtpUrl,
  isTimeZone,
  isWebUrl,
  list,
  text,
} from './setting-types.js';

/** What the process was started with: checked, complete, and never changed. */
export interface Settings {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** `sqlite:<path>`, `sqlite::memory:` or `postgres://…` */
  readonly databaseUrl: string;
  /** The way to the other nodes; undefined: this node has the database for itself. */
  readonly relay: RelaySettings | undefined;
  /** The node's name, for its log and for balancers; undefined: it has none. */
  readonly nodeId: string | undefined;
  /** CIDRs of proxies that are believed, and the one form in which they tell of their clients. */
  readonly trustProxy: readonly string[];
  readonly proxyHeaders: 'x-forwarded' | 'forwarded';
  /** Plain STOMP, for clients that aren't browsers. */
  readonly stompTcpPort: number | undefined;
  /** TLS in the process: on `port`, or on a port of its own beside HTTP. */
  readonly tls: TlsSettings | undefined;
  /** permessage-deflate on WebSockets. */
  readonly compression: boolean;
  /** Languages beside STOMP. */
  readonly dialects: readonly (typeof dialectNames)[number][];
  /** Whether those in a conversation see who of them is here. */
  readonly presence: boolean;
  /** Beside the own origin: who may open sockets and change things from a browser. */
  readonly allowedOrigins: readonly string[];
  readonly tokens: TokenSettings;
  /** Seeds the demo users and shows their sign-in cards. */
  readonly demo: boolean;
  /** The time over which sockets are closed at SIGTERM. */
  readonly drainMs: number;
  /** `open`: who has signed in may use all of `/topic` and `/queue`, for conformance suites and benchmarks. */
  readonly authorization: 'roles' | 'open';
  /** IANA time zone of the clinic's hours and texts. */
  readonly clinicZone: string;
  /** Notifications that were read, or archived unread, are kept for so long after they were made; the others for good. */
  readonly retentionDays: number;
  /** Announcements are kept for so long. */
  readonly announcementDays: number;
  /** What reaches people who aren't looking. */
  readonly delivery: DeliverySettings;
  readonly production: boolean;
  readonly logLevel: (typeof logLevels)[number];
  readonly limits: Limits;
}

/** Where the certificate and its key lie, as PEM; `port` is that of TLS beside HTTP. */
export interface TlsSettings {
  readonly certFile: string;
  readonly keyFile: string;
  readonly port: number | undefined;
}

/** What carries live messages from node to node. */
export interface RelaySettings {
  /** `postgres://…` (the database itself, unless another way to it was named), `redis(s)://…` or `amqp(s)://…` */
  readonly url: string;
  /** What channels' names begin with; undefined: an id that is kept in the database. */
  readonly prefix: string | undefined;
  /** Users are spread over so many channels; the same on every node. */
  readonly userChannels: number;
  /** `news`: without the text of what is in the inbox, which nodes then read there. */
  readonly content: 'full' | 'news';
}

/** Of push and of e-mail. */
export interface DeliverySettings {
  /** Undefined: e-mail is off. */
  readonly mail: { readonly url: string; readonly from: string } | undefined;
  readonly push: {
    /** Whom push services write to: `mailto:` or `https:`. */
    readonly contact: string;
    /** Hosts whose addresses may be private. */
    readonly privateHosts: readonly string[];
  };
  /** Where people find the page, for the links in mails. */
  readonly publicUrl: string | undefined;
}

/** Where tokens get their keys from: an own HS256 secret, or an issuer's published keys. */
export type TokenSettings =
  | { readonly secret: string }
  /** The demo's on PostgreSQL: it is made once, and kept in the database, where all nodes find it. */
  | { readonly secretIn: 'the database' }
  | {
      readonly jwksUrl: string;
      /** The only issuer whose tokens are accepted, where several share the keys. */ readonly issuer?: string;
    };

/** Every mistake at once, so that nobody has to start ten times. */
export class SettingsError extends Error {
  constructor(readonly mistakes: readonly string[]) {
    super(
      `Carillon can't start with these settings:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`,
    );
    this.name = 'SettingsError';
  }
}

/**
 * Reads the settings from the environment, over the defaults of limits.ts. An empty value is no value.
 * With DEMO and neither secret nor issuer, a secret is made and kept beside a SQLite file, or in PostgreSQL.
 * @throws {SettingsError} with all mistakes
 */
export function loadSettings(environment: NodeJS.ProcessEnv = process.env): Settings {
  const mistakes: string[] = [];
  const values = withFiles(environment, mistakes);
  const settings = check(schema, values, mistakes);
  const overLimits = check(limitSchema, values, mistakes);
  mistakes.push(...contradictions(values), ...certificateMistakes(values));
  if (!settings || !overLimits || mistakes.length > 0) throw new SettingsError(mistakes);

  const demo = settings.DEMO ?? settings.NODE_ENV !== 'production';
  return {
    host: settings.HOST,
    port: settings.PORT,
    databaseUrl: settings.DATABASE_URL,
    relay: relayFrom(settings),
    nodeId: settings.NODE_ID,
    trustProxy: settings.TRUST_PROXY,
    proxyHeaders: settings.PROXY_HEADERS,
    stompTcpPort: settings.STOMP_TCP_PORT,
    tls:
      settings.TLS_CERT_FILE && settings.TLS_KEY_FILE
        ? { certFile: settings.TLS_CERT_FILE, keyFile: settings.TLS_KEY_FILE, port: settings.TLS_PORT }
        : undefined,
    compression: settings.COMPRESSION,
    dialects: settings.DIALECTS,
    presence: settings.PRESENCE,
    allowedOrigins: settings.ALLOWED_ORIGINS,
    tokens: settings.JWKS_URL
      ? { jwksUrl: settings.JWKS_URL, ...(settings.JWT_ISSUER && { issuer: settings.JWT_ISSUER }) }
      : settings.JWT_SECRET
        ? { secret: settings.JWT_SECRET }
        : ownSecret(settings.DATABASE_URL),
    demo,
    drainMs: settings.DRAIN_MS,
    authorization: settings.AUTHZ,
    clinicZone: settings.CLINIC_ZONE,
    retentionDays: settings.RETENTION_DAYS,
    announcementDays: settings.ANNOUNCEMENT_DAYS,
    delivery: deliveryFrom(settings),
    production: settings.NODE_ENV === 'production',
    logLevel: settings.LOG_LEVEL,
    limits: limitsFrom(overLimits),
  };
}

/** The setting of a limit: `bodyBytes` is LIMIT_BODY_BYTES. */
export function limitSetting(limit: string): string {
  return `LIMIT_${limit.replaceAll(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()}`;
}

type Values = Readonly<Record<string, string>>;

const dialectNames = ['notifications', 'channels', 'socket.io'] as const;

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

// setTimeout takes no more, and with more it would fire at once.
const MAX = 2 ** 31 - 1;

const schema = z.object({
  // Anything else would be taken for development, and let the demo's users in.
  NODE_ENV: z
    .enum(['production', 'development', 'test'], { error: 'must be production, development or test' })
    .default('development'),
  HOST: z.string().default('127.0.0.1'),
  PORT: integer(0, 65_535).default(8080),
  DATABASE_URL: text(isDatabaseUrl, 'must be sqlite:<path>, sqlite::memory: or postgres://…').default(
    'sqlite:data/carillon.sqlite',
  ),
  RELAY_URL: text(
    isRelayUrl,
    'must be none, postgres, postgres://…, redis://…, rediss://…, amqp://… or amqps://… (NATS is not built)',
  ).optional(),
  // PostgreSQL's names of channels have 63 bytes at most.
  RELAY_PREFIX: text(
    (prefix) => /^[a-z0-9-]{1,32}$/.test(prefix),
    'must have 1 to 32 of a-z, 0-9 and -',
  ).optional(),
  RELAY_USER_CHANNELS: integer(1, 2 ** 20).default(1_024),
  RELAY_CONTENT: z.enum(['full', 'news'], { error: 'must be full or news' }).default('full'),
  NODE_ID: text((id) => /^[a-z0-9-]{1,16}$/.test(id), 'must have 1 to 16 of a-z, 0-9 and -').optional(),
  TRUST_PROXY: list(isCidr, 'must be a comma-separated list of CIDRs, such as 10.0.0.0/8'),
  PROXY_HEADERS: z
    .enum(['x-forwarded', 'forwarded'], { error: 'must be x-forwarded or forwarded' })
    .default('x-forwarded'),
  STOMP_TCP_PORT: integer(0, 65_535).optional(),
  TLS_CERT_FILE: z.string().optional(),
  TLS_KEY_FILE: z.string().optional(),
  TLS_PORT: integer(0, 65_535).optional(),
  COMPRESSION: z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .transform((value) => value === 'true')
    .default(false),
  DIALECTS: choices(dialectNames),
  PRESENCE: z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .transform((value) => value === 'true')
    .default(false),
  ALLOWED_ORIGINS: list(
    isOrigin,
    'must be a comma-separated list of origins, such as https://example.org, without patterns',
  ),
  JWT_SECRET: text((secret) => Buffer.byteLength(secret) >= 32, 'must have at least 32 bytes').optional(),
  JWKS_URL: text(isWebUrl, 'must be an http(s) URL').optional(),
  JWT_ISSUER: z.string().optional(),
  DEMO: z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .transform((value) => value === 'true')
    .optional(),
  // A drain ends within 10 s; what is left after the sockets is for the database.
  DRAIN_MS: integer(0, 8_000).default(5_000),
  AUTHZ: z.enum(['roles', 'open'], { error: 'must be roles or open' }).default('roles'),
  CLINIC_ZONE: text(isTimeZone, 'must be an IANA time zone, such as Europe/Berlin').default('Europe/Berlin'),
  RETENTION_DAYS: integer(1, 36_500).default(180),
  ANNOUNCEMENT_DAYS: integer(1, 36_500).default(30),
  SMTP_URL: text(isSmtpUrl, 'must be smtp://… or smtps://…').optional(),
  MAIL_FROM: text(isMailFrom, 'must be an address, such as Clinic <alerts@example.org>').optional(),
  PUBLIC_URL: text(isWebUrl, 'must be an http(s) URL').optional(),
  PUSH_CONTACT: text(isContact, 'must be mailto:… or https://…').optional(),
  PUSH_PRIVATE_HOSTS: list(isHost, 'must be a comma-separated list of names or addresses of hosts'),
  LOG_LEVEL: z.enum(logLevels, { error: `must be one of ${logLevels.join(', ')}` }).default('info'),
});

/** Nodes that share a PostgreSQL share its messages too, unless somebody says otherwise. */
function relayFrom(settings: z.infer<typeof schema>): RelaySettings | undefined {
  const { DATABASE_URL, RELAY_URL = DATABASE_URL.startsWith('sqlite:') ? 'none' : 'postgres' } = settings;
  if (RELAY_URL === 'none') return undefined;
  return {
    url: RELAY_URL === 'postgres' ? DATABASE_URL : RELAY_URL,
    prefix: settings.RELAY_PREFIX,
    userChannels: settings.RELAY_USER_CHANNELS,
    content: settings.RELAY_CONTENT,
  };
}

/** Push services want somebody to write to: whom mails are from, unless another one is named. */
function deliveryFrom(settings: z.infer<typeof schema>): DeliverySettings {
  const { SMTP_URL: url, MAIL_FROM: from, PUBLIC_URL, PUSH_CONTACT, PUSH_PRIVATE_HOSTS } = settings;
  const address = /[^\s<>]+@[^\s<>]+/.exec(from ?? 'carillon@example.org')?.[0] ?? '';
  return {
    mail: url !== undefined && from !== undefined ? { url, from } : undefined,
    push: { contact: PUSH_CONTACT ?? `mailto:${address}`, privateHosts: PUSH_PRIVATE_HOSTS },
    publicUrl: PUBLIC_URL,
  };
}

const limitSchema = z.object(
  Object.fromEntries(
    Object.entries(limits).map(([limit, value]) => [limitSetting(limit), integer(1, MAX).default(value)]),
  ),
);

function limitsFrom(values: Readonly<Record<string, number>>): Limits {
  const names = Object.keys(limits) as (keyof Limits)[];
  return Object.fromEntries(names.map((name) => [name, values[limitSetting(name)]])) as unknown as Limits;
}

/** An empty value is no value; a secret may lie in the file that `<NAME>_FILE` names. */
function withFiles(environment: NodeJS.ProcessEnv, mistakes: string[]): Values {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) if (value) values[name] = value;

  for (const name of ['JWT_SECRET', 'DATABASE_URL', 'RELAY_URL', 'SMTP_URL']) {
    const file = values[`${name}_FILE`];
    if (file === undefined) continue;
    if (values[name] !== undefined) mistakes.push(`${name}_FILE excludes ${name}: leave one of them out`);
    try {
      values[name] = readFileSync(file, 'utf8').trimEnd();
    } catch (error) {
      // Without the name that comes after it: that may be the secret itself, given in the wrong place.
      const [reason = ''] = (error as Error).message.split(',');
      mistakes.push(`${name}_FILE can't be read: ${reason}`);
    }
  }
  return values;
}

function check<T>(settings: z.ZodType<T>, values: Values, mistakes: string[]): T | undefined {
  const { data, error } = settings.safeParse(values);
  // What was given is not shown: it may be a secret.
  for (const { path, message } of error?.issues ?? []) mistakes.push(`${path.join('.')} ${message}`);
  return data;
}

/** Mistakes that no setting makes alone. Looks at what was given, so that they are told beside the others. */
function contradictions(values: Values): string[] {
  const production = values.NODE_ENV === 'production';
  const demo = values.DEMO ? values.DEMO === 'true' : !production;
  const mistakes = Object.keys(values)
    .filter((name) => name.startsWith('LIMIT_') && !(name in limitSchema.shape))
    .map((name) => `${name} is no limit; --print-config lists them`);

  if ((values.RELAY_URL ?? 'none') !== 'none' && (values.DATABASE_URL ?? 'sqlite:').startsWith('sqlite:'))
    mistakes.push('RELAY_URL is for several nodes on one PostgreSQL (DATABASE_URL): SQLite is for one node');
  if (values.SMTP_URL && !values.MAIL_FROM)
    mistakes.push('MAIL_FROM is required with SMTP_URL: whom mails are from');
  if (values.AUTHZ === 'open' && production) mistakes.push('AUTHZ must not be open with NODE_ENV=production');
  if (values.JWT_SECRET && values.JWKS_URL)
    mistakes.push('JWKS_URL excludes JWT_SECRET: keys come from an issuer or are our own');
  // RFC 8725, 3.8: one provider's keys sign for all of its tenants.
  if (production && values.JWKS_URL && !values.JWT_ISSUER)
    mistakes.push('JWT_ISSUER is required with JWKS_URL and NODE_ENV=production: whose tokens count');
  if (values.JWT_ISSUER && !values.JWKS_URL)
    mistakes.push('JWT_ISSUER is for the tokens of JWKS_URL: our own name us anyway');
  if (!values.JWT_SECRET && !values.JWT_SECRET_FILE && !values.JWKS_URL && (production || !demo))
    mistakes.push(
      'JWT_SECRET is required without DEMO and with NODE_ENV=production (or JWT_SECRET_FILE, or JWKS_URL)',
    );
  return mistakes;
}

/** Of TLS: both files or none, and such as can be used. */
function certificateMistakes({
  TLS_CERT_FILE: certFile,
  TLS_KEY_FILE: keyFile,
  TLS_PORT,
  PORT,
}: Values): string[] {
  if (!certFile && !keyFile) return TLS_PORT ? ['TLS_PORT needs TLS_CERT_FILE and TLS_KEY_FILE'] : [];
  if (!certFile || !keyFile)
    return [
      `${certFile ? 'TLS_KEY_FILE' : 'TLS_CERT_FILE'} is missing: TLS needs the certificate and its key`,
    ];
  const mistakes =
    TLS_PORT && TLS_PORT !== '0' && TLS_PORT === PORT ? ['TLS_PORT is PORT: leave it out'] : [];
  const mistake = certificateMistake(certFile, keyFile);
  return mistake === undefined ? mistakes : [...mistakes, `TLS_CERT_FILE and TLS_KEY_FILE ${mistake}`];
}

/** Beside the database, or in it: both are lost or restored together. */
function ownSecret(databaseUrl: string): TokenSettings {
  if (!databaseUrl.startsWith('sqlite:')) return { secretIn: 'the database' };
  const file = databaseUrl.slice('sqlite:'.length);
  const path = join(file === ':memory:' ? 'data' : dirname(file), 'jwt-secret');
  try {
    return { secret: keptSecret(path) };
  } catch (error) {
    throw new SettingsError([
      `JWT_SECRET isn't given and can't be kept in ${path}: ${(error as Error).message}`,
    ]);
  }
}
