import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadSettings, SettingsError } from './config.js';
import { limits } from './clinic/limits.js';
import { listSettings } from './settings-listing.js';

const directory = mkdtempSync(join(tmpdir(), 'carillon-config-'));
const JWT_SECRET = 'a secret of thirty-two bytes, or more';

afterAll(() => rmSync(directory, { recursive: true }));

describe('settings', () => {
  it('have the defaults of the contract', () => {
    const settings = loadSettings({ JWT_SECRET });

    expect(settings).toEqual({
      host: '127.0.0.1',
      port: 8080,
      databaseUrl: 'sqlite:data/carillon.sqlite',
      relay: undefined,
      nodeId: undefined,
      trustProxy: [],
      proxyHeaders: 'x-forwarded',
      stompTcpPort: undefined,
      tls: undefined,
      compression: false,
      dialects: ['notifications', 'channels', 'socket.io'],
      presence: false,
      allowedOrigins: [],
      tokens: { secret: JWT_SECRET },
      demo: true,
      drainMs: 5_000,
      authorization: 'roles',
      clinicZone: 'Europe/Berlin',
      production: false,
      retentionDays: 180,
      announcementDays: 30,
      delivery: {
        mail: undefined,
        push: { contact: 'mailto:carillon@example.org', privateHosts: [] },
        publicUrl: undefined,
      },
      logLevel: 'info',
      limits,
    });
  });

  it('are read from the environment', () => {
    const settings = loadSettings({
      PORT: '0',
      TRUST_PROXY: '10.0.0.0/8, ::1',
      ALLOWED_ORIGINS: 'https://a.example,http://localhost:5173',
      JWKS_URL: 'https://issuer.example/keys',
      JWT_ISSUER: 'https://issuer.example',
      NODE_ENV: 'production',
      LIMIT_BODY_BYTES: '2048',
    });

    expect(settings).toMatchObject({
      port: 0,
      trustProxy: ['10.0.0.0/8', '::1'],
      allowedOrigins: ['https://a.example', 'http://localhost:5173'],
      tokens: { jwksUrl: 'https://issuer.example/keys', issuer: 'https://issuer.example' },
      production: true,
      demo: false,
      limits: { ...limits, bodyBytes: 2048 },
    });
  });

  it('take an empty value for none', () => {
    expect(loadSettings({ JWT_SECRET, PORT: '', JWKS_URL: '' }).port).toBe(8080);
  });

  it('tell all mistakes at once', () => {
    const mistakes = mistakesOf({
      PORT: '65536',
      DATABASE_URL: 'mysql://x',
      RELAY_URL: 'kafka://x',
      JWT_SECRET: 'short',
      AUTHZ: 'open',
      NODE_ENV: 'production',
      LIMIT_SPEED: '1',
      LIMIT_HEADERS: 'many',
    });

    expect(mistakes.map((mistake) => mistake.replace(/ .*/, '')).toSorted()).toEqual([
      'AUTHZ',
      'DATABASE_URL',
      'JWT_SECRET',
      'LIMIT_HEADERS',
      'LIMIT_SPEED',
      'PORT',
      'RELAY_URL',
    ]);
  });

  it.each([
    ['PORT', '80a'],
    ['PORT', '-1'],
    ['PORT', '0x50'],
    ['STOMP_TCP_PORT', '70000'],
    ['DIALECTS', 'notifications,esperanto'],
    ['DATABASE_URL', 'sqlite:'],
    ['RELAY_URL', 'redis:'],
    ['RELAY_PREFIX', 'a.b'],
    ['RELAY_PREFIX', 'x'.repeat(33)],
    ['RELAY_USER_CHANNELS', '1048577'],
    ['RELAY_CONTENT', 'some'],
    ['NODE_ID', 'Node1'],
    ['NODE_ID', 'x'.repeat(17)],
    ['TRUST_PROXY', '10.0.0.0/33'],
    ['TRUST_PROXY', 'everyone'],
    ['PROXY_HEADERS', 'via'],
    ['ALLOWED_ORIGINS', 'https://a.example/path'],
    ['ALLOWED_ORIGINS', 'a.example'],
    ['JWKS_URL', 'file:///etc/passwd'],
    ['JWKS_URL', 'https:ada:hunter2@issuer.example'],
    ['JWKS_URL', 'https:///ada:hunter2@issuer.example'],
    ['NODE_ENV', 'Production'],
    ['NODE_ENV', 'prod'],
    ['DEMO', 'yes'],
    ['DRAIN_MS', '9000'],
    ['CLINIC_ZONE', 'Mars/Olympus'],
    ['LOG_LEVEL', 'loud'],
    ['LIMIT_BODY_BYTES', '0'],
    ['LIMIT_TOKEN_MS', '2147483648'],
  ])('refuse %s=%s', (name, value) => {
    expect(mistakesOf({ JWT_SECRET, [name]: value })).toContainEqual(expect.stringMatching(`^${name} `));
  });

  it('take a secret of 32 bytes and refuse one of 31', () => {
    expect(loadSettings({ JWT_SECRET: 'x'.repeat(32) }).tokens).toEqual({ secret: 'x'.repeat(32) });
    expect(mistakesOf({ JWT_SECRET: 'x'.repeat(31) })).toEqual(['JWT_SECRET must have at least 32 bytes']);
  });

  it('take an issuer only with its keys', () => {
    expect(mistakesOf({ JWT_SECRET, JWT_ISSUER: 'https://issuer.example' })).toEqual([
      expect.stringMatching('^JWT_ISSUER is for the tokens of JWKS_URL'),
    ]);
  });

  it('never show a refused secret, nor one that was given as the name of a file', () => {
    expect(mistakesOf({ JWT_SECRET: 'hunter2' }).join()).not.toContain('hunter2');
    expect(mistakesOf({ JWT_SECRET_FILE: 'hunter2' }).join()).not.toContain('hunter2');
  });

  it('ask for a secret without DEMO', () => {
    expect(mistakesOf({ DEMO: 'false' })).toEqual([expect.stringMatching('^JWT_SECRET is required')]);
    expect(mistakesOf({ NODE_ENV: 'production' })).toEqual([
      expect.stringMatching('^JWT_SECRET is required'),
    ]);
  });

  it('ask for a secret in production, even with DEMO: the one that is kept is for trying', () => {
    expect(mistakesOf({ NODE_ENV: 'production', DEMO: 'true' })).toEqual([
      expect.stringMatching('^JWT_SECRET is required'),
    ]);
  });

  it('ask for the issuer of tokens in production: its keys may sign for others too', () => {
    const JWKS_URL = 'https://issuer.example/keys';

    expect(mistakesOf({ NODE_ENV: 'production', JWKS_URL })).toEqual([
      expect.stringMatching('^JWT_ISSUER is required'),
    ]);
    expect(mistakesOf({ JWKS_URL })).toEqual([]);
  });

  it('read a secret from a file, without its last line end', () => {
    const file = join(directory, 'secret');
    writeFileSync(file, `${JWT_SECRET}\n`);

    expect(loadSettings({ JWT_SECRET_FILE: file }).tokens).toEqual({ secret: JWT_SECRET });
  });

  it('refuse a secret file that is not there, or a second secret', () => {
    const file = join(directory, 'twice');
    writeFileSync(file, JWT_SECRET);

    expect(mistakesOf({ JWT_SECRET_FILE: join(directory, 'none') })).toEqual([
      expect.stringMatching("^JWT_SECRET_FILE can't be read: ENOENT"),
    ]);
    expect(mistakesOf({ JWT_SECRET_FILE: file, JWT_SECRET })).toEqual([
      'JWT_SECRET_FILE excludes JWT_SECRET: leave one of them out',
    ]);
  });

  it('make a secret for the demo and keep it beside the database, for its owner alone', () => {
    const DATABASE_URL = `sqlite:${directory}/kept/carillon.sqlite`;

    const first = loadSettings({ DATABASE_URL });
    const second = loadSettings({ DATABASE_URL });

    expect(first.tokens).toEqual({ secret: expect.stringMatching(/^[\w-]{43}$/) });
    expect(second.tokens).toEqual(first.tokens);
    expect(statSync(join(directory, 'kept/jwt-secret')).mode & 0o777).toBe(0o600);
  });

  it('leave the demo’s secret to the database on PostgreSQL, which all nodes share', () => {
    const settings = loadSettings({ DATABASE_URL: 'postgres://ada@db/carillon' });

    expect(settings.tokens).toEqual({ secretIn: 'the database' });
    expect(listSettings(settings)).toContain('JWT_SECRET=******\n');
  });

  it('are told when the demo secret can’t be kept', () => {
    const file = join(directory, 'a-file');
    writeFileSync(file, '');

    expect(mistakesOf({ DATABASE_URL: `sqlite:${file}/carillon.sqlite` })).toEqual([
      expect.stringMatching("^JWT_SECRET isn't given and can't be kept in"),
    ]);
  });
});

describe('the relay', () => {
  const DATABASE_URL = 'postgres://ada:hunter2@db/carillon';
  const relayOf = (environment: NodeJS.ProcessEnv) => loadSettings({ JWT_SECRET, ...environment }).relay;

  it('is the database on PostgreSQL, unless another one is named', () => {
    expect(relayOf({ DATABASE_URL })).toEqual({
      url: DATABASE_URL,
      prefix: undefined,
      userChannels: 1_024,
      content: 'full',
    });
    expect(relayOf({ DATABASE_URL, RELAY_URL: 'postgres' })).toEqual(relayOf({ DATABASE_URL }));
    expect(
      relayOf({
        DATABASE_URL,
        RELAY_URL: 'rediss://relay',
        RELAY_PREFIX: 'clinic-2',
        RELAY_USER_CHANNELS: '4096',
        RELAY_CONTENT: 'news',
      }),
    ).toEqual({ url: 'rediss://relay', prefix: 'clinic-2', userChannels: 4_096, content: 'news' });
  });

  it('is none where that is said, and on SQLite', () => {
    expect(relayOf({ DATABASE_URL, RELAY_URL: 'none' })).toBeUndefined();
    expect(relayOf({ RELAY_URL: 'none' })).toBeUndefined();
    expect(relayOf({})).toBeUndefined();
  });

  it.each(['postgres', 'redis://relay', 'amqps://relay'])('%s is refused on SQLite', (RELAY_URL) => {
    expect(mistakesOf({ JWT_SECRET, RELAY_URL })).toEqual([
      expect.stringMatching('^RELAY_URL is for several nodes on one PostgreSQL'),
    ]);
  });

  it('is not NATS, and says so', () => {
    expect(mistakesOf({ JWT_SECRET, DATABASE_URL, RELAY_URL: 'nats://relay' })).toEqual([
      expect.stringMatching(/^RELAY_URL must be none, .*NATS is not built/),
    ]);
  });

  it('may be named in a file', () => {
    const file = join(directory, 'relay');
    writeFileSync(file, 'amqp://ada:hunter2@relay\n');

    expect(relayOf({ DATABASE_URL, RELAY_URL_FILE: file })?.url).toBe('amqp://ada:hunter2@relay');
    expect(mistakesOf({ JWT_SECRET, RELAY_URL_FILE: file })).toHaveLength(1);
  });

  it.each([
    [undefined, 'postgres'],
    ['none', 'none'],
    ['redis://:hunter2@relay:6379/1', 'redis://******@relay:6379/1'],
    ['amqp://ada:hunter2@relay/%2f', 'amqp://******@relay/%2f'],
    ['postgres://ada:hunter2@direct/carillon', 'postgres://ada:******@direct/carillon'],
  ])('RELAY_URL=%s is shown as %s', (RELAY_URL, shown) => {
    const listing = listSettings(loadSettings({ JWT_SECRET, DATABASE_URL, RELAY_URL }));

    expect(listing).toContain(`RELAY_URL=${shown}\n`);
    expect(listing).not.toContain('hunter2');
  });
});

describe('the list of settings', () => {
  it('masks secrets and shows the limits', () => {
    const listing = listSettings(
      loadSettings({ JWT_SECRET, DATABASE_URL: 'postgres://ada:hunter2@db/carillon', LIMIT_HEADERS: '7' }),
    );

    expect(listing).toContain('JWT_SECRET=******\n');
    expect(listing).toContain('DATABASE_URL=postgres://ada:******@db/carillon\n');
    expect(listing).toContain('LIMIT_HEADERS=7\n');
    expect(listing).not.toContain(JWT_SECRET);
  });

  it.each([
    ['postgres://ada@db/carillon', 'postgres://ada@db/carillon'],
    [
      'postgres://ada:hunter2@db/carillon?sslmode=require',
      'postgres://ada:******@db/carillon?sslmode=require',
    ],
    [
      'postgres://db/carillon?user=ada&password=hunter2',
      'postgres://db/carillon?user=******&password=******',
    ],
    ['postgres://db/carillon?password=hunter2@x:y', 'postgres://******@x:y'],
    ['postgres://db/carillon?password=hun:ter2@x', 'postgres://******@x'],
    ['postgres://ada:hun@ter:2@db/carillon', 'postgres://ada:******@db/carillon'],
    ['postgres://ada:12/hunter2@db/carillon', 'postgres://ada:******@db/carillon'],
    ['postgres://ada:hunter2?@db/carillon', 'postgres://ada:******@db/carillon'],
    [
      'postgresql://db/carillon?options=-c%20a=postgres://a:hunter2',
      'postgresql://db/carillon?options=******',
    ],
    ['postgres://db/carillon#hunter2', 'postgres://db/carillon?******'],
    ['sqlite:data/carillon.sqlite', 'sqlite:data/carillon.sqlite'],
  ])('shows DATABASE_URL=%s as %s', (DATABASE_URL, shown) => {
    expect(listSettings(loadSettings({ JWT_SECRET, DATABASE_URL }))).toContain(`DATABASE_URL=${shown}\n`);
  });

  it('masks secrets in the URL of an issuer', () => {
    const listing = listSettings(
      loadSettings({
        JWKS_URL: 'https://hunter1:hunter2@issuer.example/keys?api_key=hunter3#hunter4',
        JWT_ISSUER: 'https://issuer.example/?tenant=hunter5',
      }),
    );

    expect(listing).toContain('JWKS_URL=https://******@issuer.example/keys?api_key=******&******\n');
    expect(listing).toContain('JWT_ISSUER=https://issuer.example/?tenant=******\n');
    expect(listing).not.toContain('hunter');
  });

  it.each([
    ['//ada:hunter2@issuer.example', '//******@issuer.example'],
    ['https:ada:hunter2@issuer.example', 'https:******@issuer.example'],
    ['ada:hunter2@issuer.example', 'ada:******@issuer.example'],
    ['the clinic', 'the clinic'],
  ])('shows JWT_ISSUER=%s as %s', (JWT_ISSUER, shown) => {
    const settings = loadSettings({ JWKS_URL: 'https://issuer.example/keys', JWT_ISSUER });

    expect(listSettings(settings)).toContain(`JWT_ISSUER=${shown}\n`);
  });

  it('masks a secret that lay in a file', () => {
    const file = join(directory, 'database');
    writeFileSync(file, 'postgres://ada:hunter2@db/carillon\n');

    expect(listSettings(loadSettings({ JWT_SECRET, DATABASE_URL_FILE: file }))).not.toContain('hunter2');
  });
});

function mistakesOf(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    loadSettings(environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.mistakes;
    throw error;
  }
  return [];
}
