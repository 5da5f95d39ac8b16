import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, newPatient, openClinic, signIn, slot, type Clinic, type Login } from './clinic.js';

let clinic: Clinic;
let patient: Login;
let doctor: Login;

beforeAll(async () => {
  clinic = await openClinic();
  patient = await newPatient(clinic);
  doctor = await signIn(clinic, 'doctor');
  await call(patient, 'PATCH', '/preferences', { language: 'de' });
});
afterAll(() => clinic.close());

it('each side is told in its own language, whoever writes', async () => {
  const id = await booked(3);
  await call(doctor, 'POST', `/appointments/${id}/cancel`, { reason: 'Ill' });

  expect(await told(patient)).toMatch(
    /^Dr\. .+ hat den Termin mit Ihnen am \w+, \d+\. \w+ \d{4}, [\d:–]+ Uhr \w+ abgesagt\. Grund: Ill$/,
  );
  expect(await told(doctor)).toMatch(/^You cancelled your appointment with .+\. Reason: Ill$/);
});

it('what the clinic writes about an appointment is in the patient’s language', async () => {
  const id = await booked(5);
  await call(doctor, 'POST', `/appointments/${id}/message`, { message: 'Nothing to eat before' });

  expect(await told(patient)).toMatch(/^Dr\. .+ zu Ihrem Termin am .+: Nothing to eat before$/);
});

it('a calendar is in the language of who reads it', async () => {
  const id = await booked(7);
  const [german, english] = await Promise.all([calendarOf(patient, id), calendarOf(doctor, id)]);

  expect(german).toContain('SUMMARY:Termin mit Dr.');
  expect(german).toContain('NAME:Termin\r\n');
  expect(english).toContain('SUMMARY:Appointment (');
});

async function booked(cell: number): Promise<number> {
  const { body } = await call(patient, 'POST', '/appointments', {
    doctorId: doctor.user.id,
    startsAt: slot(cell),
    durationMinutes: 15,
  });
  return body['id'] as number;
}

async function told(user: Login): Promise<string> {
  const { body } = await call(user, 'GET', '/notifications?limit=1');
  return (body['items'] as { message: string }[])[0]!.message;
}

async function calendarOf({ token }: Login, id: number): Promise<string> {
  const answer = await fetch(`${clinic.url}/api/appointments/${id}/ics`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  return answer.text();
}

function call({ token }: Login, method: string, path: string, body?: unknown) {
  return ask(`${clinic.url}/api${path}`, { method, token, ...(body !== undefined && { body }) });
}
