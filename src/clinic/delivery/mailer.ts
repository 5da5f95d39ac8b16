import type { OnApplicationShutdown } from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import type { Language } from '../words/language.js';
import type { Outcome } from './channel.js';

/** One mail to one mailbox. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly language: Language;
  /** Of the same mail the same, so that a mail server can tell that it comes again. `[A-Za-z0-9.]` */
  readonly id: string;
}

/** The mail server, and whom mails are from. */
export interface MailerOptions {
  /** `smtp://` or `smtps://`, with user and password where it asks for them. */
  readonly url: string;
  readonly from: string;
  /** Time that each step of the talk may take. */
  readonly timeoutMs: number;
}

/** Sends mails by SMTP, over connections that are kept until it is closed. */
export class Mailer implements OnApplicationShutdown {
  readonly #transport: Transporter;
  readonly #domain: string;

  constructor(private readonly options: MailerOptions) {
    const { url, from, timeoutMs } = options;
    this.#transport = createTransport({
      url,
      pool: true,
      maxConnections: 4,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      dnsTimeout: timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    this.#domain = /@([^\s>]+)/.exec(from)?.[1] ?? 'localhost';
  }

  /** Never rejects because of the mail server: what that did is the outcome. */
  async send({ to, subject, text, id, language }: Mail): Promise<Outcome> {
    try {
      await this.#transport.sendMail({
        from: this.options.from,
        // As an object: what stands in it is one address, and no list of them.
        to: { name: '', address: to },
        subject,
        text,
        messageId: `<${id}@${this.#domain}>`,
        // RFC 3834, 5: nobody's absence note answers it.
        headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': language },
      });
      return { result: 'sent' };
    } catch (error) {
      return outcomeOf(Object(error) as SmtpFault);
    }
  }

  close(): void {
    this.#transport.close();
  }

  onApplicationShutdown(): void {
    this.close();
  }
}

interface SmtpFault {
  readonly code?: unknown;
  readonly responseCode?: unknown;
}

/** RFC 5321, 4.2.1: 5yz would be refused again. A login that fails is the operator's trouble, and no mail's. */
function outcomeOf({ code, responseCode }: SmtpFault): Outcome {
  const reason =
    typeof responseCode === 'number'
      ? `answered_${responseCode}`
      : typeof code === 'string'
        ? code.toLowerCase().slice(0, 40)
        : 'unreachable';
  const isFinal = typeof responseCode === 'number' && responseCode >= 500 && code !== 'EAUTH';
  return isFinal ? { result: 'refused', reason } : { result: 'later', reason };
}
