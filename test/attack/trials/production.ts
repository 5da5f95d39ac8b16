import { signIn } from '../../caller.js';
import { runServer, startServer, type Ending, type ServerOptions } from '../../server.js';
import type { Trial } from '../trial.js';

const SECRET = 'a secret of thirty-two bytes or more';
const production = { NODE_ENV: 'production', JWT_SECRET: SECRET };

export const refusedStarts: Trial = {
  name: 'production',
  kind: 9,
  about: 'Starts what must not start, and looks for what production must not let in or tell.',
  async run() {
    const demo = await startServer();
    const { directory } = demo;
    const beside = await Promise.all([
      refusesToStart('a second node on one file', { directory }),
      tells('its settings beside a running node', { directory }),
    ]);
    demo.kill('SIGKILL');
    await demo.ended;
    const again = await startServer({ directory });
    again.kill('SIGTERM');
    await again.ended;

    const alone = await Promise.all([
      demoUsersComeIn(directory),
      refusesToStart('JWKS_URL without JWT_ISSUER', {
        environment: { NODE_ENV: 'production', JWKS_URL: 'https://issuer.example/keys' },
      }),
      refusesToStart('open authorization', { environment: { ...production, AUTHZ: 'open' } }),
      tells('secrets', {
        environment: {
          ...production,
          DATABASE_URL: 'postgres://u:hidden-word@127.0.0.1/x?password=hidden-word',
        },
      }),
    ]);
    return [...beside, ...alone].flat();
  },
};

/** How long a start may take to be refused. */
const PATIENCE_MS = 120_000;

async function refusesToStart(what: string, options: ServerOptions): Promise<readonly string[]> {
  const outcome = await Promise.race([
    runServer([], options).then(({ code }) => code),
    new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, 'runs').unref()),
  ]);
  return outcome === 'runs' || outcome === 0 ? [`${what}: it starts`] : [];
}

/** `--print-config` answers, and tells no secret. */
async function tells(what: string, options: ServerOptions): Promise<readonly string[]> {
  const { code, output }: Ending = await runServer(['--print-config'], options);
  return [
    ...(code === 0 ? [] : [`${what}: --print-config ends with ${String(code)}`]),
    ...(/hidden-word|thirty-two/.test(output) ? [`${what}: --print-config tells a secret`] : []),
  ];
}

async function demoUsersComeIn(directory: string): Promise<readonly string[]> {
  // It may refuse to start at all: then nobody comes in.
  const node = await startServer({ directory, environment: production }).catch(() => undefined);
  if (!node) return [];
  const signedIn = await signIn(node.url, 'operator@example.org').catch(() => undefined);
  node.kill('SIGKILL');
  await node.ended;
  return signedIn ? ['the demo operator comes in with the public password'] : [];
}
