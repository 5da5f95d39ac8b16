import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';
import type { Random } from '../../torture/random.js';
import { call } from '../../torture/http-call.js';
import { startServer } from '../../server.js';
import { StompLine } from '../stomp-line.js';
import type { Trial } from '../trial.js';

const ISSUER = 'https://issuer.example';

export const issuer: Trial = {
  name: 'issuer',
  kind: 8,
  about: 'The issuer of tokens fails in every way there is: that is never the fault of those who show one.',
  async run(random) {
    const keys = await Keys.serve();
    const node = await startServer({
      environment: { JWKS_URL: keys.url, JWT_ISSUER: ISSUER, DEMO: 'true' },
    });
    const faults: string[] = [];
    try {
      for (const trouble of shuffled(troubles, random)) {
        keys.trouble = trouble;
        for (const answer of await answersTo(node.port, await keys.token()))
          if (!/^(503|ERROR unavailable)$/.test(answer)) faults.push(`${trouble}: ${answer}`);
      }
      keys.trouble = undefined;
      if (!(await comesIn(node.port, keys))) faults.push('the issuer is back: nobody comes in');
      const [unverified] = await answersTo(node.port, await keys.token({ email_verified: false }));
      if (unverified !== '401') faults.push(`an address that nobody has verified: ${unverified}`);
    } finally {
      node.kill('SIGKILL');
      await node.ended;
      keys.close();
    }
    return faults;
  },
};

const troubles = ['500', 'HTML', 'no keys', 'half an answer', 'silence', 'a cut'] as const;
type Trouble = (typeof troubles)[number];

/** An issuer's published keys, and tokens that were signed with the newest of them. */
class Keys {
  trouble: Trouble | undefined;

  static async serve(): Promise<Keys> {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
    const server = createServer((_, response) => keys.#answer(response));
    const keys = new Keys(server, jwk, privateKey);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return keys;
  }

  private constructor(
    private readonly server: Server,
    private readonly jwk: JWK,
    private readonly privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'],
  ) {}

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/keys`;
  }

  token(claims: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return new SignJWT({ email: 'patient@example.org', email_verified: true, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .setIssuer(ISSUER)
      .setAudience('carillon')
      .setSubject('someone')
      .setExpirationTime('10m')
      .sign(this.privateKey);
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  #answer(response: ServerResponse): void {
    switch (this.trouble) {
      case '500':
        return void response.writeHead(500).end();
      case 'HTML':
        return void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Soon</h1>');
      case 'no keys':
        return void response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"error":"later"}');
      case 'half an answer':
        return void response.writeHead(200, { 'Content-Length': '1000' }).write('{"keys":');
      case 'silence':
        return;
      case 'a cut':
        return void response.destroy();
      default:
        response
          .writeHead(200, { 'Content-Type': 'application/json' })
          .end(JSON.stringify({ keys: [this.jwk] }));
    }
  }
}

/** Over HTTP and STOMP. */
async function answersTo(port: number, token: string): Promise<readonly string[]> {
  const http = call({ port, method: 'GET', path: '/api/me', token })
    .then(({ status }) => String(status))
    .catch((error: Error) => error.message);
  return Promise.all([http, stompAnswer(port, token)]);
}

async function stompAnswer(port: number, token: string): Promise<string> {
  let first = '';
  const line = StompLine.begin({ port, localAddress: '127.0.0.1' }, (answer) => (first ||= answer));
  await line.connect({ Authorization: `Bearer ${token}` });
  const outcome = line.isOpen ? 'CONNECTED' : first || 'no answer';
  line.socket.terminate();
  return outcome;
}

/** Within the time that a node may take to ask again. */
async function comesIn(port: number, keys: Keys): Promise<boolean> {
  const end = performance.now() + 40_000;
  while (performance.now() < end) {
    const answers = await answersTo(port, await keys.token());
    if (answers.join() === '200,CONNECTED') return true;
  }
  return false;
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, place: random.fraction() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
