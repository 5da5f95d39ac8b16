import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import { Attempts } from '../auth/attempts.js';
import type { SignedIn } from '../auth/signed-in.js';
import { Refusal } from '../errors.js';
import { agreedValue } from '../../library/store/agreed-value.js';
import { ownerOf } from '../../library/store/owner.js';
import { rowsOf } from '../../library/store/rows.js';
import { Store } from '../../library/store/store.js';
import { UsersService, type Person } from '../users/users.service.js';
import type { Language } from '../words/language.js';
import { say } from '../words/say.js';
import { AppointmentRow, endOf } from './appointment.entity.js';
import { AppointmentHistory } from './appointment-history.js';
import type { Appointment } from './appointment.js';
import { CalendarFeedRow } from './calendar-feed.entity.js';
import { iCalendar, type CalendarEvent } from './icalendar.js';
import { APPOINTMENTS_OPTIONS, type AppointmentsOptions } from './options.js';

/** Of a person's feed, as the API shows it. */
export interface CalendarFeed {
  /** Null where there is none. */
  readonly createdAt: Date | null;
}

/** The answer to who makes an address. */
export interface NewCalendarFeed {
  readonly createdAt: Date;
  /** Below the root of this Carillon, without a slash at its start. It is told this once. */
  readonly path: string;
}

/** What of an appointment a calendar may show. */
type Shown = Pick<
  Appointment,
  'id' | 'startsAt' | 'endsAt' | 'version' | 'status' | 'patientName' | 'doctorName'
>;

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
/** What was this long ago stays in the calendar. */
const PAST_DAYS = 30;

/**
 * Appointments for other calendars. Those lie with others, so they are told no more than is needed: the doctor's name
 * to the patient, initials to the doctor, and no reason.
 */
@Injectable()
export class CalendarFeeds {
  readonly #reads: Attempts;
  #host: Promise<string> | undefined;

  constructor(
    private readonly store: Store,
    private readonly users: UsersService,
    private readonly history: AppointmentHistory,
    @Inject(APPOINTMENTS_OPTIONS) private readonly options: AppointmentsOptions,
  ) {
    const { feedReads, recipients } = options.limits;
    this.#reads = new Attempts({ limit: feedReads, windowMs: HOUR_MS, keys: recipients });
  }

  async find(user: SignedIn): Promise<CalendarFeed> {
    const row = await this.store.read.findOneBy(CalendarFeedRow, { userId: user.id });
    return { createdAt: row?.createdAt ?? null };
  }

  /** A new address; one that was there is no good any more. */
  async open(user: SignedIn): Promise<NewCalendarFeed> {
    const token = randomBytes(32).toString('base64url');
    const createdAt = new Date(this.options.clock.now());
    await this.store.write(
      ({ manager }) =>
        rowsOf(
          manager,
          `insert into calendar_feed (user_id, token_hash, created_at) values ($1, $2, $3)
           on conflict (user_id) do update set token_hash = excluded.token_hash, created_at = excluded.created_at`,
          [user.id, hash(token), createdAt.getTime()],
        ),
      ownerOf(user.id),
    );
    return { createdAt, path: `api/calendar/${token}.ics` };
  }

  async close(user: SignedIn): Promise<void> {
    await this.store.write(
      ({ manager }) => manager.delete(CalendarFeedRow, { userId: user.id }),
      ownerOf(user.id),
    );
  }

  /** @throws {Refusal} not_found: nobody's address, or one that was revoked; rate_limited */
  async read(token: string): Promise<string> {
    const feed = await this.store.read.findOneBy(CalendarFeedRow, { tokenHash: hash(token) });
    const user = feed && (await this.users.find(feed.userId));
    if (!user)
      throw new Refusal('not_found', 'There is no such calendar; its address may have been revoked.');
    this.#reads.check(String(user.id));
    this.#reads.record(String(user.id));
    return this.#calendarOf(user);
  }

  /** One appointment as a file. @param reader one of its two, or somebody of the clinic */
  async one(reader: SignedIn, appointment: Appointment): Promise<string> {
    const changed = await this.history.lastChanges([appointment.id], this.store.read);
    const language = await this.#languageOf(reader);
    const event = await this.#eventOf({ role: reader.role, language }, appointment, changed);
    return iCalendar(say(language, 'calendar.one'), [event], language);
  }

  async #calendarOf(user: Person): Promise<string> {
    const language = await this.#languageOf(user);
    const name = say(language, 'calendar.name');
    if (user.role === 'operator') return iCalendar(name, [], language);
    const read = this.store.readFor(ownerOf(user.id));
    const rows = await read.find(AppointmentRow, {
      where: {
        ...(user.role === 'doctor' ? { doctorId: user.id } : { patientId: user.id }),
        startsAt: MoreThan(new Date(this.options.clock.now() - PAST_DAYS * DAY_MS)),
      },
      order: { startsAt: 'asc', id: 'asc' },
      take: this.options.limits.feedAppointments,
    });
    const people = await this.users.findAll(
      rows.flatMap((row) => [row.patientId, row.doctorId]),
      read,
    );
    const changed = await this.history.lastChanges(
      rows.map(({ id }) => id),
      read,
    );
    const events = rows.map((row) =>
      this.#eventOf(
        { role: user.role, language },
        {
          id: row.id,
          startsAt: row.startsAt,
          endsAt: endOf(row),
          version: row.version,
          status: row.status,
          patientName: people.get(row.patientId)?.name ?? '',
          doctorName: people.get(row.doctorId)?.name ?? '',
        },
        changed,
      ),
    );
    return iCalendar(name, await Promise.all(events), language);
  }

  async #eventOf(
    { role, language }: Pick<Person, 'role'> & { readonly language: Language },
    { id, startsAt, endsAt, version, status, patientName, doctorName }: Shown,
    changed: ReadonlyMap<number, Date>,
  ): Promise<CalendarEvent> {
    return {
      ...{ startsAt, endsAt, version, status },
      uid: `appointment-${id}@${await this.#hostName()}`,
      changedAt: changed.get(id) ?? startsAt,
      summary:
        role === 'patient'
          ? say(language, 'calendar.patient', { name: doctorName })
          : say(language, 'calendar.doctor', { name: initials(patientName) }),
    };
  }

  async #languageOf({ id }: Pick<Person, 'id'>): Promise<Language> {
    return (await this.users.languagesOf([id]))(id);
  }

  /** Two clinics may both have an appointment 1, and one person both in the same calendar. */
  #hostName(): Promise<string> {
    this.#host ??= agreedValue(this.store, 'calendar', () => `${randomBytes(6).toString('hex')}.carillon`);
    this.#host.catch(() => (this.#host = undefined));
    return this.#host;
  }
}

/** A letter with its accents, as a person counts them. */
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function initials(name: string): string {
  return name
    .split(/\s+/)
    .map((word) => Array.from(graphemes.segment(word), ({ segment }) => segment)[0] ?? '')
    .join('');
}

/** Plain SHA-256 is enough: what is hashed has 256 random bits. */
function hash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
