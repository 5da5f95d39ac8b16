import type { Attacker, Manners } from '../attacker.js';
import type { Scenario } from '../scenario.js';

/** Requests in one write: what they take on the wire must stay small, that is the point. */
const WRITE_BYTES = 4 * 1024 * 1024;

const manners: readonly Manners[] = ['reads', 'deaf', 'gone'];

export const pipelining: Scenario = {
  name: 'pipelining',
  kind: 1,
  about: 'Sends thousands of requests in one write, and reads the answers, or none, or is gone.',
  async attack(attacker) {
    const known: readonly Volley[] = [
      { request: get('/api/docs/swagger-ui-bundle.js'), count: 1_000, manners: 'gone' },
      { request: get('/metrics'), count: 5_000, manners: 'reads' },
      { request: get('/readyz'), count: 50_000, manners: 'deaf' },
      { request: acknowledge, count: 30_000, manners: 'gone' },
    ];
    await attacker.repeat(async (round) => {
      const { request, count, manners } = known[round] ?? drawn(attacker);
      const text = request(attacker);
      const fitting = Math.min(count, Math.ceil(WRITE_BYTES / text.length));
      await attacker.pipeline(text.repeat(fitting), fitting, manners);
    });
  },
};

interface Volley {
  readonly request: (attacker: Attacker) => string;
  readonly count: number;
  readonly manners: Manners;
}

function drawn({ random }: Attacker): Volley {
  return {
    request: random.pick(requests),
    count: random.magnitude(50, 50_000),
    manners: random.pick(manners),
  };
}

const acknowledge = (attacker: Attacker): string =>
  attacker.signedRequest('POST', '/api/notifications/ack', { upTo: attacker.job.account.cursor });

/** Files, documents, numbers, the database, the inbox, streams, errors. */
const requests: readonly Volley['request'][] = [
  ...[
    '/api/docs/swagger-ui-bundle.js',
    '/api/docs/swagger-ui.css',
    '/api/docs',
    '/api/openapi.json',
    '/api/asyncapi.json',
    '/metrics',
    '/readyz',
    '/livez',
    '/ws/info',
    '/ws/sockjs.min.js',
    '/ws/iframe.html',
    '/favicon.ico',
    '/theme.js',
    '/mark.svg',
    '/nothing/at/all',
  ].map(get),
  (attacker) => attacker.request('GET', '/', { headers: { Accept: 'text/html' } }),
  (attacker) => attacker.request('HEAD', '/api/docs/swagger-ui-bundle.js'),
  (attacker) =>
    attacker.request('GET', '/api/docs/swagger-ui-bundle.js', { headers: { Range: 'bytes=0-0,2-2,4-' } }),
  (attacker) => attacker.request('GET', '/', { headers: { Accept: 'text/html', 'If-None-Match': 'W/"x"' } }),
  (attacker) =>
    attacker.request('OPTIONS', '/api/appointments', {
      headers: { Origin: 'http://elsewhere.example', 'Access-Control-Request-Method': 'POST' },
    }),
  (attacker) => attacker.request('GET', `/api/${'deep/'.repeat(attacker.random.magnitude(1, 1_000))}`),
  acknowledge,
  (attacker) => attacker.signedRequest('GET', '/api/notifications?limit=100'),
  (attacker) => attacker.signedRequest('GET', '/api/notifications/counts'),
  (attacker) => attacker.signedRequest('GET', '/api/notifications/stream?since=earliest'),
  (attacker) => attacker.signedRequest('GET', '/api/events?topic=/topic/announcements'),
  (attacker) => attacker.signedRequest('GET', '/api/appointments'),
  (attacker) => attacker.signedRequest('GET', '/api/me'),
  (attacker) => attacker.signedRequest('GET', `/api/doctors/${attacker.job.doctorId}/slots?date=2030-01-01`),
  (attacker) => attacker.signedRequest('POST', '/api/auth/refresh'),
  (attacker) => attacker.signedRequest('POST', '/api/auth/ticket'),
];

function get(path: string): Volley['request'] {
  return (attacker) => attacker.request('GET', path);
}
