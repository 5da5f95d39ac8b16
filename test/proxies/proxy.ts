import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runs } from '../clients/installed.js';
import { freePort } from '../free-port.js';

/** A proxy as a process of its own, in front of a server. */
export interface RunningProxy {
  /** Where it listens, such as `https://localhost:40123`. */
  readonly url: string;
  /** Made for it, as PEM. */
  readonly certificate: string;
  stop(): Promise<void>;
}

/** A proxy program, and how it is told its configuration. */
export interface ProxyProgram {
  readonly name: string;
  /** Why it can't be run here; undefined where it can. */
  readonly missing: string | undefined;
  readonly command: (folder: string) => readonly [program: string, ...parameters: string[]];
  /** The whole file, of the part that a document shows. */
  readonly configuration: (part: string) => string;
}

export const nginx: ProxyProgram = {
  name: 'nginx',
  missing: reasonWithout('nginx', ['-v']),
  command: (folder) => ['nginx', '-p', folder, '-c', 'proxy.conf', '-e', 'stderr'],
  configuration: (part) => `
daemon off;
pid nginx.pid;
error_log stderr warn;
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path temporary/${name};`).join('\n  ')}
${part}
}
`,
};

export const haproxy: ProxyProgram = {
  name: 'HAProxy',
  missing: reasonWithout('haproxy', ['-v']),
  command: (folder) => ['haproxy', '-db', '-f', join(folder, 'proxy.conf')],
  configuration: (part) => `${part}\n`,
};

/** Which port of this machine stands for a server of the configuration, such as `10.0.0.11:8080`. */
export type Servers = Readonly<Record<string, number>>;

/**
 * Starts it with a configuration for these servers and one port, with certificates in /etc/ssl: they are replaced by
 * what is here.
 * @param servers or the port of 127.0.0.1:8080
 */
export async function startProxy(
  program: ProxyProgram,
  part: string,
  servers: Servers | number,
): Promise<RunningProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'carillon-proxy-'));
  await mkdir(join(folder, 'temporary'));
  const certificate = await makeCertificate(folder);
  const listening = await freePort();
  const ports = typeof servers === 'number' ? { '127.0.0.1:8080': servers } : servers;
  const before = Object.entries(ports).reduce(
    (text, [server, port]) => text.replaceAll(server, `127.0.0.1:${port}`),
    part,
  );
  await writeFile(
    join(folder, 'proxy.conf'),
    program.configuration(
      before
        .replaceAll('listen 443', `listen 127.0.0.1:${listening}`)
        .replaceAll(/bind :\d+/g, `bind 127.0.0.1:${listening}`)
        .replaceAll('/etc/ssl/', `${folder}/`),
    ),
  );

  const [command, ...parameters] = program.command(folder);
  const child = spawn(command, parameters, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = once(child, 'close');
  const failed = ended.then(() => {
    throw new Error(`${program.name} ended:\n${said}`);
  });
  await Promise.race([failed, accepts(listening)]);
  failed.catch(() => undefined);
  return {
    url: `${part.includes('ssl') ? 'https' : 'http'}://localhost:${listening}`,
    certificate,
    async stop() {
      child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await ended;
      clearTimeout(kill);
      await rm(folder, { recursive: true });
    },
  };
}

/** The configurations that a document shows, in its order. */
export async function configurationsIn(path: string, language: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'gm'))].map(
    ([, part = '']) => part,
  );
}

function reasonWithout(program: string, parameters: readonly string[]): string | undefined {
  if (!runs(program, parameters)) return `no ${program}`;
  return runs('openssl', ['version']) ? undefined : 'no openssl';
}

async function makeCertificate(folder: string): Promise<string> {
  const [key, certificate] = [join(folder, 'clinic.key'), join(folder, 'clinic.pem')];
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...[
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost,IP:127.0.0.1',
      '-keyout',
      key,
      '-out',
      certificate,
    ],
  ]);
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr.toString()}`);
  const [shown, secret] = [await readFile(certificate, 'utf8'), await readFile(key, 'utf8')];
  await writeFile(join(folder, 'clinic-with-key.pem'), shown + secret);
  return shown;
}

/** A proxy says nowhere that it listens: it is asked until it answers. */
async function accepts(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const answered = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
