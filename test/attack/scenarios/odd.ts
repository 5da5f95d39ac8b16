import { frame } from '../../../bench/stomp-socket.js';
import { upgradeRequest } from '../../../bench/wires/web-socket.js';
import type { Attacker } from '../attacker.js';
import type { Scenario } from '../scenario.js';

export const odd: Scenario = {
  name: 'odd',
  kind: 10,
  about:
    'Asks for what makes no sense: deep JSON, NUL, names that every object has, two upgrades in one write.',
  async attack(attacker) {
    const { random } = attacker;
    await attacker.repeat(
      async (round) => {
        const request = known[round] ?? random.pick([httpOddity, httpOddity, upgradeOddity]);
        const text = request(attacker);
        const answer = await attacker.ask(text);
        if (answer === 'no answer' && !mayWait.test(text)) attacker.count(fault('no answer', text));
        if (answer.startsWith('500') && !isSockJs.test(text)) attacker.count(fault('500', text));
        if (random.chance(0.2)) await stompOddity(attacker);
        await attacker.pause(5);
      },
      { atOnce: 4 },
    );
  },
};

/** Answers that come when there is something to tell. */
const mayWait = /^\S+ \/(ws\/[^/]+\/[^/]+\/|api\/(events|notifications\/stream))/;
/** SockJS protocol: `Broken JSON encoding.` and `invalid "callback" parameter` are 500 there. */
const isSockJs = /^\S+ \/ws\/[^/]+\/[^/]+\/(xhr_send|jsonp_send|jsonp|htmlfile)/;

function fault(what: string, request: string): string {
  return `fault: ${what} to ${request.slice(0, request.indexOf('\r'))}`;
}

const known: readonly ((attacker: Attacker) => string)[] = [deepLogin];

const words = [
  'constructor',
  '__proto__',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '\u0000',
  '%00',
  '\ud800',
  '-1',
  '1e999',
  'NaN',
  '',
  ' ',
  '../..',
  '%2e%2e',
  '%',
  '%zz',
  '\u202e',
  '9'.repeat(30),
];

function deepLogin({ job: { port } }: Attacker): string {
  const body = '['.repeat(100_000);
  return `POST /api/auth/login HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

function httpOddity(attacker: Attacker): string {
  const { random, job } = attacker;
  const word = random.pick(words);
  const path = random
    .pick(paths)
    .replace(
      'ID',
      encodeURIComponent(wellFormed(random.chance(0.3) ? String(job.account.appointmentId) : word)),
    )
    .replace('RAW', word.replace(/[^!-~]/g, ''));
  const headers = random.chance(0.4) ? { [random.pick(headerNames)]: printable(random.pick(words)) } : {};
  if (random.chance(0.4)) return attacker.signedRequest('GET', path, undefined, headers);
  const method = random.pick(['POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS']);
  const body = random.pick(bodies)(attacker);
  const signed = {
    Authorization: `Bearer ${job.account.token}`,
    'Content-Type': random.pick(types),
    ...headers,
  };
  return attacker.request(method, path, { headers: signed, body });
}

const paths = [
  '/api/appointments/ID',
  '/api/appointments/ID/history',
  '/api/appointments/RAW/status',
  '/api/appointments/RAW/cancel',
  '/api/appointments?after=ID',
  '/api/appointments?status=ID',
  '/api/appointments?from=ID&to=ID',
  '/api/notifications?after=ID',
  '/api/notifications?before=ID&filter=ID',
  '/api/notifications?limit=ID',
  '/api/notifications?after[constructor]=1&after[]=2',
  '/api/notifications/ID',
  '/api/notifications/stream/ID',
  '/api/notifications/ack',
  '/api/notifications/read-all',
  '/api/notifications',
  '/api/events?topic=ID',
  '/api/events?topic=/topic/ID',
  '/api/doctors/ID/slots?date=ID',
  '/api/doctors/2/slots?date=99999-01-01',
  '/api/docs/ID',
  '/api/auth/login',
  '/api/auth/register',
  '/api/auth/ticket',
  '/api/clinic?ID=ID',
  '/ws/ID/ID/ID',
  '/ws/a/b/RAW',
  '/ws/a/b/xhr_send?c=ID',
  '/ws/a/b/jsonp?c=ID',
  '/ws/a/b/htmlfile?c=ID',
  '/ws/iframeRAW.html',
  '/RAW',
  '//RAW',
  '/./RAW/../ID',
  '/assets/ID',
  '/%',
];

const headerNames = [
  'If-Match',
  'Idempotency-Key',
  'Last-Event-ID',
  'If-None-Match',
  'Range',
  'Accept',
  'Cookie',
  'Origin',
  'X-Forwarded-For',
  'Expect',
  'Content-Encoding',
  'Accept-Encoding',
  'Host',
  'Authorization',
  'Upgrade',
];
const types = [
  'application/json',
  'text/plain',
  'application/json; charset=utf-16',
  'application/json; charset=x',
  'multipart/form-data',
  'constructor',
];

const bodies: readonly ((attacker: Attacker) => string)[] = [
  () => '{"a":'.repeat(50_000),
  () => `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  () => `{"email":"a@example.org","password":${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
  () => `{"data":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)},"message":"x","userId":1}`,
  ({ random }) =>
    JSON.stringify({ email: random.pick(words), password: random.pick(words), name: random.pick(words) }),
  ({ random }) =>
    JSON.stringify({
      reason: random.pick(words),
      startsAt: random.pick(words),
      status: random.pick(words),
      durationMinutes: random.pick([1e308, -15, 15.5, '15', null]),
    }),
  ({ random, job }) =>
    JSON.stringify({
      doctorId: random.pick([job.doctorId, 2 ** 53, -1, 1e21, '1']),
      startsAt: random.pick([
        '9999-12-31T23:45:00Z',
        '0000-01-01T00:00:00Z',
        '+275760-09-13T00:00:00Z',
        '2030-02-30T10:00:00Z',
      ]),
    }),
  ({ random }) =>
    `{"${random.pick(['constructor', '__proto__', 'toString'])}":{"x":1},"upTo":"${random.pick(['constructor', '__proto__-1', 'x-99999999999999999999'])}","filter":"constructor"}`,
  () => '{"reason":"\\u0000","isRead":"yes","ids":[1e400]}',
  () => '"\\ud800"',
  () => 'null',
  () => '[]',
  () => '\u0000',
  () => '',
];

function upgradeOddity({ random, job }: Attacker): string {
  const url = `http://127.0.0.1:${job.port}${random.pick(['/stomp', '/ws', '/ws/a/b/websocket', '/nowhere', '/ws//b/websocket', '/socket.io/', '/livez'])}`;
  const upgrade = upgradeRequest(url);
  return random.pick([
    upgrade + upgrade,
    upgrade.replace('websocket', random.pick(['h2c', 'constructor', ''])) + upgrade,
    upgrade.replace('Version: 13', `Version: ${random.pick(words).replace(/[^ -~]/g, '')}`),
    upgrade.replace(/Sec-WebSocket-Key: .*\r\n/, ''),
    upgrade.replace('GET', 'POST'),
    upgrade.replace('HTTP/1.1', 'HTTP/1.0'),
    `${upgrade.replace('GET', 'POST').replace('\r\n\r\n', '\r\nContent-Length: 10\r\n\r\n')}0123456789${upgrade}`,
    upgrade.replace('v12.stomp', Array.from({ length: 500 }, (_, i) => `v${i}.stomp`).join(', ')),
  ]);
}

async function stompOddity(attacker: Attacker): Promise<void> {
  const { random } = attacker;
  const line = await attacker.stomp();
  if (!line) return;
  const word = random.pick(words);
  const [command, headers, body] = random.pick<readonly [string, Record<string, string>, string]>([
    [
      'SEND',
      { destination: '/app/notifications.seen', 'content-type': 'application/json' },
      '['.repeat(100_000),
    ],
    ['SEND', { destination: `/app/${escaped(word)}`, 'content-type': escaped(word) }, '{}'],
    ['SUBSCRIBE', { id: escaped(word), destination: `/user/queue/${escaped(word)}` }, ''],
    ['SUBSCRIBE', { id: '1', destination: '/user/queue/notifications', since: escaped(word) }, ''],
    ['SUBSCRIBE', { id: '1', destination: `/topic/${escaped(word)}`, 'prefetch-count': escaped(word) }, ''],
    ['UNSUBSCRIBE', { id: escaped(word) }, ''],
    ['ACK', { id: escaped(word) }, ''],
    ['BEGIN', { transaction: escaped(word) }, ''],
    ['COMMIT', { transaction: escaped(word) }, ''],
    [escaped(word) || 'X', {}, ''],
  ]);
  line.socket.send(frame(command, { ...headers, receipt: 'end' }, body));
  await Promise.race([line.next('RECEIPT'), line.next('ERROR'), line.closed, attacker.pause(3_000)]);
  line.socket.terminate();
}

function escaped(word: string): string {
  return word.replaceAll('\u0000', '').replaceAll(':', '\\c');
}

function printable(word: string): string {
  return word.replace(/[^ -~]/g, '');
}

function wellFormed(word: string): string {
  return word.replace(/[\ud800-\udfff]/g, '\ufffd');
}
