import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NotificationService } from '../../src/clinic/notifications/notification.service.js';
import { rowsOf } from '../../src/library/store/rows.js';
import { Store } from '../../src/library/store/store.js';
import { ask, newPatient, openClinic, signIn, type Clinic, type Login } from './clinic.js';

const settings = {
  MAIL_FROM: 'Clinic <alerts@clinic.example>',
  PUBLIC_URL: 'https://clinic.example/app/',
  LIMIT_EMAIL_AFTER_MS: '100',
  LIMIT_CRITICAL_EMAIL_MS: '200',
  LIMIT_CRITICAL_PUSH_MS: '100',
  LIMIT_DELIVERY_POLL_MS: '20',
  LIMIT_DELIVERY_RETRY_MS: '20',
  LIMIT_DELIVERY_ATTEMPTS: '3',
};

interface Mail {
  readonly to: readonly string[];
  readonly text: string;
}

/** A mail server that anybody may use. */
class MailServer {
  readonly #mails: Mail[] = [];
  readonly #waiting: ((mail: Mail) => void)[] = [];
  /** What the next recipients are answered with. */
  readonly refusals: number[] = [];
  readonly #server: SMTPServer;

  constructor() {
    this.#server = new SMTPServer({
      // A node that stops has to close its connections: a server that waits for one here waits longer than a test may take.
      closeTimeout: 120_000,
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      logger: false,
      onRcptTo: (_, __, callback) => {
        const responseCode = this.refusals.shift();
        callback(responseCode === undefined ? null : Object.assign(new Error('No'), { responseCode }));
      },
      onData: (stream, { envelope }, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          this.#put({
            to: envelope.rcptTo.map(({ address }) => address),
            text: Buffer.concat(chunks).toString(),
          });
          callback();
        });
      },
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `smtp://127.0.0.1:${(this.#server.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.#server.close(resolve));
  }

  next(): Promise<Mail> {
    const mail = this.#mails.shift();
    return mail ? Promise.resolve(mail) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  #put(mail: Mail): void {
    const waiter = this.#waiting.shift();
    if (waiter) waiter(mail);
    else this.#mails.push(mail);
  }
}

let server: MailServer;
let clinic: Clinic;
let patient: Login;

beforeEach(async () => {
  server = new MailServer();
  clinic = await openClinic({ ...settings, SMTP_URL: await server.start() });
  patient = await newPatient(clinic);
});
afterEach(async () => {
  await clinic.close();
  await server.stop();
});

describe('e-mail', () => {
  it('is a channel of who has a mail server', async () => {
    const { body } = await ask(`${clinic.url}/api/channels`, { token: patient.token });

    expect(body['items']).toEqual(['inApp', 'push', 'email']);
  });

  it('says no more than that there is something, and where', async () => {
    await change({ kinds: { message: { email: true } } });
    const id = await tell('About your left knee');

    const { to, text } = await server.next();

    expect(to).toEqual([patient.user.email]);
    expect(text).toContain('From: Clinic <alerts@clinic.example>');
    expect(text).toContain('Subject: You have a new message');
    expect(text).toContain('https://clinic.example/app/preferences');
    expect(text).toContain('Auto-Submitted: auto-generated');
    expect(text).toMatch(new RegExp(`Message-ID: <alert\\.${id}\\.\\d+@clinic\\.example>`));
    expect(text).not.toContain('knee');
  });

  it('is written in its reader’s language', async () => {
    await change({ language: 'de', kinds: { message: { email: true } } });
    await tell('About your left knee');

    const { text } = await server.next();

    expect(text).toContain('Subject: Sie haben eine neue Nachricht');
    expect(text).toContain('Content-Language: de');
    expect(text).toContain('https://clinic.example/app/preferences');
  });

  it('says what it is about to who lets it, and is one mail whatever that says', async () => {
    await change({ noticeDetail: 'full', kinds: { message: { email: true } } });
    await tell('Line one\r\n.\r\nBcc: everybody@example.org\r\n\r\nLine two');

    const { to, text } = await server.next();

    expect(to).toHaveLength(1);
    expect(text).toContain('Line two');
    expect(text.slice(0, text.indexOf('\r\n\r\n'))).not.toContain('Bcc');
  });

  it('is the last step of what is critical, though it is switched off', async () => {
    await change({ kinds: { 'appointment.cancelled': { email: false } } });
    const startsAt = new Date(Date.now() + 3_600_000).toISOString();
    await tell('Cancelled', { type: 'appointment.cancelled', data: { startsAt } });

    expect((await server.next()).text).toContain('Subject: You have an appointment update');
  });

  it('is followed by operators, who hear no word of it', async () => {
    await change({ kinds: { message: { email: true } } });
    const id = await tell('About your left knee');
    await server.next();
    await outcomeOf(id);
    const { token } = await signIn(clinic, 'operator');

    const { body } = await ask(`${clinic.url}/api/deliveries?userId=${patient.user.id}`, { token });

    expect(body).toMatchObject({
      items: [
        {
          notificationId: id,
          channel: 'email',
          target: 'E-mail',
          state: 'sent',
          steps: [{ step: 'planned' }, { step: 'sent' }],
          notification: { seenAt: null },
        },
      ],
      next: null,
    });
    expect(JSON.stringify(body)).not.toContain('knee');
  });

  it('isn’t sent of what was seen before', async () => {
    await change({ kinds: { message: { email: true } } });
    const id = await tell('Hello');
    await ask(`${clinic.url}/api/notifications/${id}`, {
      token: patient.token,
      method: 'PATCH',
      body: { isSeen: true },
    });

    expect(await outcomeOf(id)).toEqual(['skipped', 'seen']);
  });

  it.each([
    ['refuses for good', [550], ['failed', 'answered_550']],
    ['refuses for now', [451], ['sent', null]],
    ['refuses again and again', [451, 451, 451], ['failed', 'answered_451']],
  ])('where the server %s (%j)', async (_, refusals, outcome) => {
    server.refusals.push(...refusals);
    await change({ kinds: { message: { email: true } } });

    const id = await tell('Hello');

    expect(await outcomeOf(id)).toEqual(outcome);
  });

  it('where the server isn’t there is tried again, and the rest goes on', async () => {
    await server.stop();
    await change({ kinds: { message: { email: true } } });

    const id = await tell('Hello');

    expect(await outcomeOf(id)).toEqual(['failed', 'esocket']);
    expect((await ask(`${clinic.url}/api/notifications`, { token: patient.token })).status).toBe(200);
  });
});

async function tell(message: string, options: object = {}): Promise<number> {
  const notifications = clinic.application.get(NotificationService);
  return (await notifications.sendNotification(patient.user.id, message, options)).id;
}

function change(body: object) {
  return ask(`${clinic.url}/api/preferences`, { token: patient.token, method: 'PATCH', body });
}

/** When it doesn't wait any more. */
async function outcomeOf(id: number): Promise<(string | null)[]> {
  for (;;) {
    const [row] = await rowsOf<{ state: string; reason: string | null }>(
      clinic.application.get(Store).read,
      `select state, reason from delivery where notification_id = $1 and channel = 'email'`,
      [id],
    );
    if (row && row.state !== 'waiting') return [row.state, row.reason];
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
