import type { EntityManager } from 'typeorm';
import type { UsersService } from '../users/users.service.js';
import type { Language } from '../words/language.js';
import { say } from '../words/say.js';
import type { DeliveryChannel, Letter, Outcome, Target } from './channel.js';
import type { Mailer } from './mailer.js';

interface Mailbox extends Target {
  readonly address: string;
}

/** E-mail to the address that a person signs in with. */
export class EmailChannel implements DeliveryChannel<Mailbox> {
  readonly name = 'email';

  /** @param publicUrl where the page is; undefined: mails have no link */
  constructor(
    private readonly users: UsersService,
    private readonly mailer: Mailer,
    private readonly publicUrl: string | undefined,
  ) {}

  reachable(_: EntityManager, userIds: readonly number[]): Promise<ReadonlySet<number>> {
    return Promise.resolve(new Set(userIds));
  }

  async targetsOf(
    manager: EntityManager,
    userIds: readonly number[],
  ): Promise<(userId: number) => readonly Mailbox[]> {
    const people = await this.users.findAll(userIds, manager);
    return (userId) => {
      const person = people.get(userId);
      return person ? [{ id: userId, name: 'E-mail', address: person.email }] : [];
    };
  }

  send({ address }: Mailbox, { id, title, text, language }: Letter): Promise<Outcome> {
    return this.mailer.send({
      to: address,
      subject: title === 'Carillon' ? text : title,
      text: [text, ...this.#links(language)].join('\n\n'),
      id: `alert.${id}`,
      language,
    });
  }

  #links(language: Language): string[] {
    if (this.publicUrl === undefined) return [say(language, 'mail.read')];
    const page = this.publicUrl.replace(/\/$/, '');
    return [
      say(language, 'mail.readAt', { url: `${page}/` }),
      say(language, 'mail.preferences', { url: `${page}/preferences` }),
    ];
  }
}
