import { Inject, Injectable } from '@nestjs/common';
import { Attempts } from '../auth/attempts.js';
import type { SignedIn } from '../auth/signed-in.js';
import type { RequestKey } from '../http/idempotency-key.js';
import { NotificationService } from '../notifications/notification.service.js';
import { KeptAnswers, type Kept } from '../../library/store/kept-answers.js';
import { Store } from '../../library/store/store.js';
import { UsersService } from '../users/users.service.js';
import { say } from '../words/say.js';
import { wordKey } from './appointment-history.js';
import { AppointmentsService } from './appointments.service.js';
import { APPOINTMENTS_OPTIONS, type AppointmentsOptions } from './options.js';
import { PatientMessageRow } from './patient-message.entity.js';
import { timeWords } from './time-words.js';

const HOUR_MS = 60 * 60_000;

/** A word from the clinic to the patient of an appointment. */
@Injectable()
export class PatientMessages {
  /** By author, on this node. */
  readonly #attempts: Attempts;

  constructor(
    private readonly store: Store,
    private readonly answers: KeptAnswers,
    private readonly appointments: AppointmentsService,
    private readonly users: UsersService,
    private readonly notifications: NotificationService,
    @Inject(APPOINTMENTS_OPTIONS) private readonly options: AppointmentsOptions,
  ) {
    const { limits } = options;
    this.#attempts = new Attempts({
      limit: limits.patientMessages,
      windowMs: HOUR_MS,
      keys: limits.recipients,
    });
  }

  /** @throws {Refusal} not_found, rate_limited, idempotency_conflict */
  async send(
    actor: SignedIn,
    appointmentId: number,
    text: string,
    key: RequestKey | undefined,
  ): Promise<Kept<null>> {
    const appointment = await this.appointments.find(actor, appointmentId);
    const { patientId, startsAt } = appointment;
    this.#attempts.check(String(actor.id));
    const author = await this.users.find(actor.id, this.store.read);
    const sent = await this.answers.once(
      key ? { owner: actor.id, ...key } : { owner: actor.id },
      async (tx) => {
        const language = (await this.users.languagesOf([patientId], tx.manager))(patientId);
        const message = say(language, 'told.about', {
          name: author?.name ?? say(language, 'told.clinic'),
          when: timeWords(language, appointment),
          text,
        });
        const word = { appointmentId, at: this.#now, by: actor.id, text };
        const { identifiers } = await tx.manager.insert(PatientMessageRow, word);
        const dedupeKey = wordKey(identifiers[0] as Pick<PatientMessageRow, 'id'>);
        const data = { appointmentId, startsAt: startsAt.toISOString(), by: actor.id, text };
        await this.notifications.sendNotification(patientId, message, {
          ...{ tx, type: 'message', data, dedupeKey },
        });
        return null;
      },
      () => null,
    );
    if (!sent.isReplayed) this.#attempts.record(String(actor.id));
    return sent;
  }

  get #now(): Date {
    return new Date(this.options.clock.now());
  }
}
