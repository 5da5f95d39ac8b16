import { once } from 'node:events';
import { get, request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ask,
  newPatient,
  openClinic,
  problemOf,
  signIn,
  slot,
  type Clinic,
  type Login,
} from '../rest/clinic.js';
import { connect } from '../rest/stomp.js';

interface Verdict {
  readonly verdict: string;
  readonly reason?: string;
  readonly from: string;
}

let clinic: Clinic;
let patient: Login;
let operator: Login;
/** Of three rows. */
let cursors: string[];

beforeAll(async () => {
  clinic = await openClinic();
  patient = await newPatient(clinic);
  operator = await signIn(clinic, 'operator');
  const { token } = operator;
  cursors = [];
  for (const message of ['one', 'two', 'three']) {
    const body = { userId: patient.user.id, message };
    cursors.push(
      (await ask<{ cursor: string }>(`${clinic.url}/api/notifications`, { token, body })).body.cursor,
    );
  }
});
afterAll(() => clinic.close());

/** C1 and C2 stand for the cursors of the first and of the second row. */
type Form = readonly [query: string, headers: Readonly<Record<string, string | string[]>>];

describe('a stream whose request names a position', () => {
  it.each<Form>([
    ['', { 'Last-Event-ID': 'C2' }],
    ['', { 'last-event-id': 'C2' }],
    ['', { 'LAST-EVENT-ID': 'C2' }],
    ['', { lastEventId: 'C2' }],
    ['', { 'X-Last-Event-ID': 'C2' }],
    ['', { since: 'C2' }],
    ['', { cursor: 'C2' }],
    ['since=C2', { since: 'C1' }],
    ['', { 'Last-Event-ID': ['C1', 'C2'] }],
    ['', { 'Last-Event-ID': ['C2', ''] }],
    ['since=C2', {}],
    ['Since=C2', {}],
    ['after=C2', {}],
    ['cursor=C2', {}],
    ['lastEventId=C2', {}],
    ['lastEventID=C2', {}],
    ['lasteventid=C2', {}],
    ['last-event-id=C2', {}],
    ['Last-Event-ID=C2', {}],
    ['last_event_id=C2', {}],
    ['evs_last_event_id=C2', {}],
    ['lastEventId[]=C2', {}],
    ['last%45ventId=C2', {}],
    ['lastId=C2', {}],
    ['from=C2', {}],
    ['position%5B%5D=C2', {}],
    ['since=C2&from=C1', {}],
    ['since=C1&since=C2', {}],
    ['since=C2&since=', {}],
    ['since=C1&lastEventId=C2', {}],
    ['lastEventId=C2&since=C1', {}],
    ['lastEventId=C1&lastEventId=C2', {}],
    ['since=C1', { 'Last-Event-ID': 'C2' }],
    ['lastEventId=C1', { 'Last-Event-ID': 'C2' }],
    ['lastEventId=C2', { 'Last-Event-ID': '' }],
  ])('by ?%s and %j goes on behind it', async (query, headers) => {
    const [verdict, rest] = await resumed(query, headers);

    expect(verdict).toMatchObject({ verdict: 'complete', from: cursors[1] });
    expect(rest).toContain(`id: ${cursors[2]}\nevent: notification\n`);
    expect(rest).not.toContain('"two"');
  });

  it.each<Form>([
    ['since=', {}],
    ['lastEventId=', {}],
    ['', { 'Last-Event-ID': '' }],
    ['since=nonsense', {}],
    ['', { 'Last-Event-ID': ['C1, C2'] }],
    ['lastEventId=%00', {}],
    ['since[from]=x', {}],
  ])('by ?%s and %j that is none is told to reload', async (query, headers) => {
    const [verdict] = await resumed(query, headers);

    expect(verdict).toMatchObject({ verdict: 'reset', reason: 'malformed' });
  });

  it.each(['since=C1', 'lastEventId=C1', 'Since=x'])(
    'by ?%s of a topic without a log is refused',
    async (query) => {
      const url = `${clinic.url}/api/events?topic=/topic/news&${filled(query)}`;

      expect(problemOf(await ask(url, operator))).toEqual({ status: 400, code: 'invalid_request' });
    },
  );

  it('at the address that existing clients know is served alike', async () => {
    const [verdict] = await resumed('lastEventId=C2', {}, `/${patient.user.id}`);

    expect(verdict).toMatchObject({ verdict: 'complete', from: cursors[1] });
  });
});

describe('a SUBSCRIBE', () => {
  it.each(['since', 'Since', 'last-event-id', 'Last-Event-ID', 'lastEventId'])(
    'that names a position in %s is told the verdict first',
    async (name) => {
      const connection = await connect(clinic, patient);
      const subscription = await connection.subscribe('/user/queue/notifications', { [name]: cursors[1]! });

      expect(await subscription.next()).toMatchObject({
        type: 'resume',
        body: { verdict: 'complete', from: cursors[1] },
      });
      await connection.close();
    },
  );
});

describe('a list', () => {
  it.each(['since', 'cursor', 'lastEventId', 'Last-Event-ID', 'last_event_id'])(
    'whose place is named as streams name it, by %s, is no list from somewhere else',
    async (name) => {
      for (const path of ['notifications', 'announcements'])
        expect(problemOf(await ask(`${clinic.url}/api/${path}?${name}=${cursors[0]!}`, patient))).toEqual({
          status: 400,
          code: 'invalid_request',
        });
    },
  );

  it.each([
    ['notifications', 'after=C1&after=C2'],
    ['notifications', 'after='],
    ['notifications', 'After=C1'],
    ['notifications', 'AFTER=C1'],
    ['notifications', 'after[]=C1'],
    ['notifications', 'before='],
    ['notifications', 'Before=C1'],
    ['notifications', 'before=C1&before=C1'],
    ['notifications', 'limit='],
    ['notifications', 'Limit=1'],
    ['notifications', 'limit=1&limit=2'],
    ['notifications', 'Filter=unread'],
    ['notifications', 'filter=unread&filter=all'],
    ['appointments', 'after='],
    ['appointments', 'After=earliest'],
    ['appointments', 'from=&to='],
    ['appointments', 'Status=booked'],
    ['appointments', 'status='],
    ['doctors/1/slots', `Date=${slot(0).slice(0, 10)}`],
    ['doctors/1/slots', 'date='],
    ['events', 'Topic=/topic/announcements'],
    ['events', 'topic=/topic/announcements&topic=/topic/announcements'],
  ])('of %s with ?%s is no list from somewhere else', async (path, query) => {
    expect(problemOf(await ask(`${clinic.url}/api/${path}?${filled(query)}`, patient))).toEqual({
      status: 400,
      code: 'invalid_request',
    });
  });

  it('passes over parameters that mean nothing here', async () => {
    expect((await ask(`${clinic.url}/api/notifications?_=17&utm_source=x`, patient)).status).toBe(200);
  });
});

describe('a header given twice', () => {
  it.each([
    ['Idempotency-Key', ['a', 'b'], 400],
    ['Idempotency-Key', ['', ''], 400],
    ['If-Match', ['"8"', '"9"'], 412],
    ['If-Match', ['"8"', '*'], 400],
    ['If-Match', ['', ''], 400],
  ] as const)('%s: %j is not taken for one of them', async (name, values, status) => {
    const doctor = await signIn(clinic, 'doctor');
    const booked = await ask(`${clinic.url}/api/appointments`, {
      ...(await newPatient(clinic)),
      body: { doctorId: doctor.user.id, startsAt: slot(2 * appointments++) },
    });
    const changing = request(`${clinic.url}/api/appointments/${String(booked.body['id'])}`, {
      method: 'PATCH',
      headers: {
        Authorization: `Bearer ${doctor.token}`,
        'Content-Type': 'application/json',
        [name]: [...values],
      },
    });
    changing.end('{"reason":"changed"}');

    const [answer] = (await once(changing, 'response')) as [IncomingMessage];
    answer.resume();

    expect(answer.statusCode).toBe(status);
  });
  let appointments = 0;
});

describe('what was reached', () => {
  const ahead = () => `${cursors[2]!.split(':')[0]}:4`;
  const elsewhere = () => 'another:1';

  it.each([
    ['read-all', ahead],
    ['read-all', elsewhere],
    ['read-all', () => 'earliest:4'],
    ['ack', ahead],
    ['ack', elsewhere],
    ['ack', () => 'earliest:4'],
  ])(
    'by %s, beyond the head or of another inbox, is a cursor_reset, and changes nothing',
    async (call, upTo) => {
      const before = await rows();

      const answer = await ask(`${clinic.url}/api/notifications/${call}`, {
        ...patient,
        body: { upTo: upTo() },
      });

      expect(problemOf(answer)).toEqual({ status: 410, code: 'cursor_reset' });
      expect(answer.body).toMatchObject({ cursor: cursors[2] });
      expect(await rows()).toEqual(before);
    },
  );

  it.each(['read', 'seen', 'archive', 'unread', 'unseen', 'unarchive'])(
    'by /app/notifications.%s beyond the head is refused too',
    async (verb) => {
      const before = await rows();
      const connection = await connect(clinic, patient);

      void connection.send(`/app/notifications.${verb}`, { upTo: ahead() });

      expect(await connection.failed).toMatchObject({ code: 'handler_failed' });
      expect(await rows()).toEqual(before);
      await connection.close();
    },
  );

  it('before a place that is ahead is a list all the same: that is a mere place', async () => {
    const { status, body } = await ask<{ items: unknown[] }>(
      `${clinic.url}/api/notifications?before=${ahead()}`,
      patient,
    );

    expect([status, body.items.length]).toEqual([200, 3]);
  });

  async function rows(): Promise<unknown> {
    return (await ask(`${clinic.url}/api/notifications`, patient)).body;
  }
});

function filled(text: string): string {
  return text.replaceAll('C1', cursors[0]!).replaceAll('C2', cursors[1]!);
}

/** @returns the verdict, and what came until the last row that there is, or the verdict's own event where it resets */
async function resumed(query: string, headers: Form[1], more = ''): Promise<readonly [Verdict, string]> {
  const asked = get(`${clinic.url}/api/notifications/stream${more}?${filled(query)}`, {
    headers: {
      Authorization: `Bearer ${patient.token}`,
      ...Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [
          name,
          Array.isArray(value) ? value.map(filled) : filled(value),
        ]),
      ),
    },
  });
  const [response] = (await once(asked, 'response')) as [AsyncIterable<Buffer> & { statusCode: number }];
  expect(response.statusCode).toBe(200);
  let text = '';
  for await (const chunk of response) {
    text += chunk.toString();
    const verdict = /event: resume\ndata: (\{.*\})\n\n/.exec(text)?.[1];
    if (verdict === undefined) continue;
    const parsed = JSON.parse(verdict) as Verdict;
    if (parsed.verdict === 'reset' || text.includes(`"cursor":"${cursors[2]}"`)) {
      asked.destroy();
      return [parsed, text];
    }
  }
  throw new Error(`the stream ended without a verdict: ${text}`);
}
