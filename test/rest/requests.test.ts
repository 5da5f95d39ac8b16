import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, openClinic, problemOf, signIn, type Clinic, type Login } from './clinic.js';

let clinic: Clinic;
let patient: Login;

beforeAll(async () => {
  clinic = await openClinic({ ALLOWED_ORIGINS: 'https://clinic.example' });
  patient = await signIn(clinic, 'patient');
});
afterAll(() => clinic.close());

describe('a bad request', () => {
  it.each<[string, string, string, number, string]>([
    ['POST', '/api/appointments', '{"doctorId":', 400, 'invalid_request'],
    ['POST', '/api/appointments', '[]', 400, 'invalid_request'],
    ['POST', '/api/appointments', 'null', 400, 'invalid_request'],
    ['POST', '/api/appointments', '{}', 400, 'invalid_request'],
    ['POST', '/api/auth/login', '{"email":["patient@example.org"],"password":{}}', 400, 'invalid_request'],
    ['POST', '/api/auth/login', '{"email":"a@example.org"}', 400, 'invalid_request'],
    ['POST', '/api/notifications/ack', '{}', 400, 'invalid_request'],
    ['PATCH', '/api/notifications/x', '{}', 400, 'invalid_request'],
    ['PATCH', '/api/notifications/1e0', '{}', 400, 'invalid_request'],
    ['GET', '/api/appointments/%201', '', 400, 'invalid_request'],
    ['GET', '/api/appointments/0x1', '', 400, 'invalid_request'],
    ['GET', '/api/appointments/01', '', 400, 'invalid_request'],
    ['GET', '/api/appointments/9007199254740993', '', 400, 'invalid_request'],
    ['PATCH', '/api/notifications/1', '{"isRead":"yes"}', 400, 'invalid_request'],
    ['POST', '/api/appointments', `{"reason":"${'x'.repeat(1_100_000)}"}`, 413, 'body_too_large'],
    ['POST', '/api/nothing', '{}', 404, 'not_found'],
    ['POST', '/api/auth/login', `[${'[],'.repeat(100_000)}0]`, 400, 'invalid_request'],
    ['DELETE', '/api/appointments/1', '', 404, 'not_found'],
  ])('%s %s is told its code as problem+json', async (method, path, body, status, code) => {
    const answer = await ask(clinic.url + path, {
      token: patient.token,
      method,
      ...(body !== '' && { body }),
    });

    expect(problemOf(answer)).toEqual({ status, code });
    const { body: list } = await ask(`${clinic.url}/api/appointments`, { token: patient.token });
    expect(list['items']).toEqual([]);
  });
});

describe('every route', () => {
  it.each([
    ['GET', '/api/me'],
    ['GET', '/api/clinic'],
    ['GET', '/api/doctors'],
    ['GET', '/api/doctors/3/slots?date=2031-01-01'],
    ['GET', '/api/appointments'],
    ['POST', '/api/appointments'],
    ['GET', '/api/appointments/1'],
    ['PATCH', '/api/appointments/1'],
    ['PUT', '/api/appointments/1/status'],
    ['POST', '/api/appointments/1/cancel'],
    ['GET', '/api/notifications'],
    ['POST', '/api/notifications'],
    ['GET', '/api/notifications/counts'],
    ['PATCH', '/api/notifications/1'],
    ['POST', '/api/notifications/read-all'],
    ['POST', '/api/notifications/ack'],
    ['GET', '/api/notifications/stream'],
    ['GET', '/api/notifications/stream/1'],
    ['GET', '/api/events?topic=/topic/announcements'],
    ['GET', '/api/announcements'],
    ['POST', '/api/announcements'],
    ['POST', '/api/auth/refresh'],
    ['POST', '/api/auth/logout'],
    ['POST', '/api/auth/ticket'],
  ])('%s %s asks who one is', async (method, path) => {
    const answer = await ask(clinic.url + path, { method });

    expect(problemOf(answer)).toEqual({ status: 401, code: 'auth_failed' });
  });
});

describe('an answer', () => {
  it.each(['/api/me', '/api/doctors', '/api/appointments', '/api/nothing'])(
    'at %s is kept by nobody on the way, and has no version that it was not given',
    async (path) => {
      const { headers } = await ask(clinic.url + path, { token: patient.token });

      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('etag')).toBeNull();
    },
  );

  it.each(['/api/me', '/ws/info', '/livez'])('at %s does not say what it was made with', async (path) => {
    const { headers } = await fetch(clinic.url + path);

    expect(headers.get('x-powered-by')).toBeNull();
  });
});

describe('an Origin', () => {
  const body = { email: 'patient@example.org', password: 'carillon' };
  const loginFrom = (Origin: string) => ask(`${clinic.url}/api/auth/login`, { body, headers: { Origin } });

  it('that is not allowed may change nothing', async () => {
    const answer = await loginFrom('https://evil.example');

    expect(answer.status).toBe(403);
    expect(answer.body).not.toHaveProperty('token');
  });

  it('that is, or the own one, may', async () => {
    const answers = await Promise.all([loginFrom('https://clinic.example'), loginFrom(clinic.url)]);

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });
});
