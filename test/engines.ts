import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, copyFileSync, existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { CertificateFiles } from './certificates.js';
import { freePort } from './free-port.js';

/** A kind of server that can carry what nodes tell each other. */
export interface EngineKind {
  /** With the reason, where it is skipped. */
  readonly name: string;
  readonly isHere: boolean;
  /**
   * A server of its own, as a process of its own on a free port.
   * @param tls it speaks TLS alone, with this certificate, which is read anew at each `restart`
   */
  start(tls?: CertificateFiles): Promise<Engine>;
}

export interface Engine {
  readonly url: string;
  readonly port: number;
  /** Ends at once (SIGKILL), and is there again after `restart`, with nothing that it had in memory. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Gives its administrator's client a command. @returns what that prints */
  administer(command: string): Promise<string>;
  /** Ends it and removes what it wrote. */
  end(): Promise<void>;
}

const redisServer = programAt('redis-server');
const rabbitmqServer = programAt('rabbitmq-server', '/usr/lib/rabbitmq/bin');
const postgresFolders = existsSync('/usr/lib/postgresql')
  ? readdirSync('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin`)
  : [];
const psql = programAt('psql', ...postgresFolders);
const redisCli = programAt('redis-cli');
const rabbitmqctl = programAt('rabbitmqctl', '/usr/lib/rabbitmq/bin');
const pgbouncer = programAt('pgbouncer', '/usr/sbin');
const initdb = programAt('initdb', ...postgresFolders);
const pgBasebackup = programAt('pg_basebackup', ...postgresFolders);
const postgresServer = programAt('postgres', ...postgresFolders);

export const ownRedis = kind('Redis', redisServer, async (directory, port, tls) => ({
  url: tls ? `rediss://localhost:${port}` : `redis://127.0.0.1:${port}`,
  command: [
    ...[redisServer ?? '', '--bind', '127.0.0.1', '--save', '', '--dir', directory],
    ...(tls
      ? ['--port', '0', '--tls-port', `${port}`, '--tls-cert-file', tls.cert, '--tls-key-file', tls.key]
      : ['--port', `${port}`]),
    ...(tls ? ['--tls-auth-clients', 'no', '--tls-ca-cert-file', tls.cert] : []),
  ],
  administer: (command) => [redisCli ?? '', '-p', `${port}`, ...command.split(' ')],
}));

/** Looks who is the primary of those Redis that replicate it, and promotes another one where it is gone. */
export function sentinel(primary: Engine): EngineKind {
  return kind('Redis Sentinel', redisServer, async (directory, port) => {
    const file = join(directory, 'sentinel.conf');
    const watched = [
      `sentinel monitor clinic 127.0.0.1 ${primary.port} 1`,
      'sentinel down-after-milliseconds clinic 1000',
      'sentinel failover-timeout clinic 5000',
    ];
    await writeFile(file, [`port ${port}`, 'bind 127.0.0.1', `dir ${directory}`, ...watched, ''].join('\n'));
    return {
      url: `redis://127.0.0.1:${port}`,
      command: [redisServer ?? '', file, '--sentinel'],
      administer: (command) => [redisCli ?? '', '-p', `${port}`, ...command.split(' ')],
    };
  });
}

export const ownPostgres = postgresKind(() => [
  initdb ?? '',
  ...['--auth=trust', '--username=postgres', '-N', '--pgdata'],
]);

/** Follows another PostgreSQL by streaming replication, until `select pg_promote()`. */
export function standby(primary: Engine): EngineKind {
  return postgresKind(() => [
    pgBasebackup ?? '',
    ...[
      '-h',
      '127.0.0.1',
      '-p',
      `${primary.port}`,
      '-U',
      'postgres',
      '-R',
      '-X',
      'stream',
      '-c',
      'fast',
      '-N',
      '-D',
    ],
  ]);
}

/** @param makeCluster the command that makes one in the directory that is its last parameter */
function postgresKind(makeCluster: () => readonly string[]): EngineKind {
  return kind('PostgreSQL', initdb && postgresServer, (directory, port, tls) =>
    preparePostgres(makeCluster(), directory, port, tls),
  );
}

async function preparePostgres(
  [maker = '', ...parameters]: readonly string[],
  directory: string,
  port: number,
  tls?: CertificateFiles,
): Promise<Program> {
  const cluster = join(directory, 'cluster');
  const owner = ownerOfPostgres();
  if (owner) chownSync(directory, owner.uid, owner.gid);
  const made = spawnSync(maker, [...parameters, cluster], owner);
  if (made.status !== 0) throw new Error(`${maker} failed: ${made.stderr.toString()}`);
  const key = join(directory, 'key.pem');
  return {
    url: tls
      ? `postgres://postgres@localhost:${port}/postgres?sslmode=verify-full`
      : `postgres://postgres@127.0.0.1:${port}/postgres`,
    command: [
      ...[postgresServer ?? '', '-D', cluster, '-p', `${port}`, '-k', directory],
      ...['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'],
      ...(tls ? ['-c', 'ssl=on', '-c', `ssl_cert_file=${tls.cert}`, '-c', `ssl_key_file=${key}`] : []),
    ],
    // It refuses a key that others may read.
    prepare() {
      if (!tls) return;
      copyFileSync(tls.key, key);
      chmodSync(key, 0o600);
      if (owner) chownSync(key, owner.uid, owner.gid);
    },
    administer: (sql) => [psql ?? '', '-h', '127.0.0.1', '-p', `${port}`, '-U', 'postgres', '-c', sql],
    ...owner,
  };
}

export const ownRabbitmq = kind('RabbitMQ', rabbitmqServer, async (directory, port, tls) => {
  const configuration = join(directory, 'rabbitmq.conf');
  const listeners = tls
    ? [
        ...['listeners.tcp = none', `listeners.ssl.1 = 127.0.0.1:${port}`],
        ...[`ssl_options.certfile = ${tls.cert}`, `ssl_options.keyfile = ${tls.key}`],
      ]
    : [`listeners.tcp.1 = 127.0.0.1:${port}`];
  await writeFile(configuration, `${listeners.join('\n')}\n`);
  await writeFile(join(directory, 'plugins'), '[].\n');
  return {
    url: tls ? `amqps://guest:guest@localhost:${port}` : `amqp://guest:guest@127.0.0.1:${port}`,
    command: [rabbitmqServer ?? ''],
    administer: (command) => [rabbitmqctl ?? '', ...command.split(' ')],
    environment: {
      HOME: directory,
      RABBITMQ_NODENAME: `carillon-test-${port}@localhost`,
      RABBITMQ_MNESIA_BASE: join(directory, 'mnesia'),
      RABBITMQ_LOG_BASE: join(directory, 'log'),
      RABBITMQ_CONFIG_FILE: configuration,
      RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, 'plugins'),
      RABBITMQ_DIST_PORT: `${await freePort()}`,
    },
  };
});

/** PgBouncer before a database, which lends its sessions for a transaction, or for as long as a client is connected. */
export function pooler(databaseUrl: string, mode: 'transaction' | 'session'): EngineKind {
  return kind('PgBouncer', pgbouncer, async (directory, port) => {
    const { hostname, port: target, username, pathname } = new URL(databaseUrl);
    const owner = ownerOfPostgres();
    const file = join(directory, 'pgbouncer.ini');
    const settings = [
      '[databases]',
      `* = host=${hostname} port=${target || 5432} user=${username}`,
      '[pgbouncer]',
      ...['listen_addr = 127.0.0.1', `listen_port = ${port}`, 'unix_socket_dir =', 'auth_type = any'],
      ...[`pool_mode = ${mode}`, 'default_pool_size = 100', 'max_client_conn = 500'],
      'ignore_startup_parameters = lock_timeout, statement_timeout, idle_in_transaction_session_timeout, options',
    ];
    await writeFile(file, `${settings.join('\n')}\n`);
    if (owner) for (const path of [directory, file]) chownSync(path, owner.uid, owner.gid);
    return {
      url: `postgres://${username}@127.0.0.1:${port}${pathname}`,
      command: [pgbouncer ?? '', file],
      administer: () => [],
      ...owner,
    };
  });
}

interface Program {
  readonly url: string;
  readonly command: readonly string[];
  readonly administer: (command: string) => readonly string[];
  /** Before each start. */
  readonly prepare?: () => void;
  readonly environment?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
}

function kind(
  name: string,
  program: string | undefined,
  prepare: (directory: string, port: number, tls?: CertificateFiles) => Promise<Program>,
): EngineKind {
  return {
    name: program === undefined ? `${name} (skipped: its server isn't installed)` : name,
    isHere: program !== undefined,
    async start(tls) {
      const directory = await mkdtemp(join(tmpdir(), 'carillon-engine-'));
      const port = await freePort();
      const prepared = await prepare(directory, port, tls);
      let child = await run(prepared, port);
      return {
        url: prepared.url,
        port,
        kill: () => kill(child),
        async restart() {
          child = await run(prepared, port);
        },
        async administer(command) {
          const [client = '', ...parameters] = prepared.administer(command);
          const env = { ...process.env, ...prepared.environment };
          // A server may listen before it answers.
          for (let tries = 20; ; tries -= 1)
            try {
              return (await promisify(execFile)(client, parameters, { env })).stdout;
            } catch (error) {
              if (tries === 0) throw error;
              await new Promise((resolve) => setTimeout(resolve, 250));
            }
        },
        async end() {
          await kill(child);
          await rm(directory, { recursive: true, force: true });
        },
      };
    },
  };
}

/** With all processes that it starts, which are a group. */
async function run(
  { command, prepare, environment, uid, gid }: Program,
  port: number,
): Promise<ChildProcess> {
  prepare?.();
  const [program = '', ...parameters] = command;
  const child = spawn(program, parameters, {
    env: { ...process.env, ...environment },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output = `${output}${text}`.slice(-10_000)));
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error(`${program} ended before it listened:\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const closed = once(child, 'close');
  process.kill(-child.pid, 'SIGKILL');
  await closed;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** PostgreSQL refuses to be run by root. */
function ownerOfPostgres(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const ids = ['-u', '-g'].map((flag) => Number(spawnSync('id', [flag, 'postgres']).stdout.toString()));
  return { uid: ids[0] ?? 0, gid: ids[1] ?? 0 };
}

function programAt(name: string, ...folders: string[]): string | undefined {
  return [...folders, ...(process.env['PATH'] ?? '').split(delimiter)]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}
