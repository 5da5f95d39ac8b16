import { getAppointment, listAppointments, maxListed, type Span } from '../api/appointments.js';
import { explain, hasCode } from '../api/problem.js';
import type { Http } from '../api/http.js';
import type { Appointment } from '../api/types.js';
import { KeptValue, type Known } from '../offline/kept-value.js';
import type { OfflineStore } from '../offline/offline-store.js';
import { browserClock, type Clock } from '../realtime/clock.js';
import { createStore, type Readable } from '../state/store.js';
import { merge, type Appointments } from './appointment-list.js';
import { changeNote } from './change-note.js';
import { holding, isIn, isSame, withSpan, type KeptSpan } from './kept-spans.js';

/** What became of a row a moment ago. */
export interface Change {
  readonly note: string;
  readonly at: number;
}

/** What the page knows of the calendar, and how well. */
export interface CalendarState {
  readonly rows: Appointments;
  readonly changes: ReadonlyMap<number, Change>;
  readonly loading: 'first' | 'again' | 'done';
  /** Why the last load failed. */
  readonly error: string | null;
  /** When the rows were last complete. */
  readonly asOf: number | null;
  /** They are what a former page knew: the server hasn't answered this one yet. */
  readonly isKept: boolean;
}

const changeShowsMs = 20_000;
const empty: CalendarState = {
  rows: new Map(),
  changes: new Map(),
  loading: 'first',
  error: null,
  asOf: null,
  isKept: false,
};

/** The appointments that one page shows, kept current by what rings; what was shown may outlive the page. */
export class Calendar {
  readonly #http: Http;
  readonly #clock: Clock;
  readonly #state = createStore<CalendarState>(empty);
  readonly #kept: KeptValue<readonly KeptSpan[]> | undefined;
  #known: Known<readonly KeptSpan[]> = { value: [], asOf: 0 };
  #span: Span | undefined;
  /** Numbers the loads: an answer for a span that isn't shown any more is dropped. */
  #load = 0;
  /** Rows that came while an answer was on its way, which may be older. */
  readonly #meanwhile = new Set<number>();
  /** Rows of a former page: shown until the server answers, whatever it says. */
  readonly #unconfirmed = new Set<number>();

  constructor(http: Http, storage?: OfflineStore, clock: Clock = browserClock) {
    this.#http = http;
    this.#clock = clock;
    this.#kept = storage && new KeptValue({ store: storage, key: 'appointments', version: 1, clock });
  }

  get state(): Readable<CalendarState> {
    return this.#state;
  }

  /** Takes over what a former page knew. @returns ends what is kept of this one */
  start(): () => void {
    void this.#restore();
    const leave = this.#state.subscribe(() => this.#keep());
    return () => {
      leave();
      this.#kept?.end();
    };
  }

  /** Shows a span; rows that are there already are shown while it loads. */
  async show(span: Span): Promise<void> {
    if (this.#span && isSame(span, this.#span)) return this.reload();
    this.#span = span;
    this.#state.update((state) => ({ ...state, loading: 'first', error: null, asOf: null, isKept: false }));
    this.#showKept(span);
    await this.#fetch(span);
  }

  /** After a reconnect, or by "Retry". */
  async reload(): Promise<void> {
    if (!this.#span) return;
    this.#state.update((state) => ({
      ...state,
      loading: state.loading === 'done' ? 'again' : 'first',
      error: null,
    }));
    await this.#fetch(this.#span);
  }

  /** Something happened to this one: fetches it, and shows what changed. */
  async refresh(id: number): Promise<void> {
    try {
      this.put(await getAppointment(this.#http, id));
    } catch (error) {
      // It isn't ours any more, or the network is away; then the reload after the reconnect has it.
      if (!hasCode(error, 'not_found')) this.#state.update((state) => ({ ...state, error: explain(error) }));
    }
  }

  /** Takes a row in, from an answer or from a refresh. */
  put(row: Appointment): void {
    const before = this.#state.get().rows.get(row.id);
    const note = changeNote(before, row);
    this.#meanwhile.add(row.id);
    this.#unconfirmed.delete(row.id);
    this.#state.update((state) => {
      const rows = merge(state.rows, [row]);
      if (rows === state.rows || note === undefined) return { ...state, rows };
      return { ...state, rows, changes: new Map(state.changes).set(row.id, { note, at: this.#now() }) };
    });
    this.#clock.after(changeShowsMs, () => this.#forgetChanges());
  }

  async #fetch(span: Span): Promise<void> {
    const load = ++this.#load;
    this.#meanwhile.clear();
    try {
      const rows = await listAppointments(this.#http, span);
      if (load !== this.#load) return;
      this.#state.update((state) => ({
        ...state,
        rows: merge(this.#withoutGone(state.rows, span, rows), rows),
        ...{ loading: 'done', asOf: this.#now(), isKept: false },
      }));
    } catch (error) {
      if (load !== this.#load) return;
      this.#state.update((state) => ({ ...state, loading: 'done', error: explain(error) }));
    }
  }

  /** What was in a span and isn't any more: it was moved, or isn't ours, while nobody told us. */
  #withoutGone(known: Appointments, span: Span, rows: readonly Appointment[]): Appointments {
    const there = new Set([...rows.map(({ id }) => id), ...this.#meanwhile]);
    const last = rows.length < maxListed ? undefined : rows.at(-1)?.startsAt;
    const answered = last === undefined ? span : { ...span, to: last };
    const isStale = (row: Appointment) => isIn(row, answered) || this.#unconfirmed.has(row.id);
    const left = [...known].filter(([id, row]) => there.has(id) || !isStale(row));
    this.#unconfirmed.clear();
    return new Map(left);
  }

  async #restore(): Promise<void> {
    const known = await this.#kept?.load();
    if (!known) return;
    // What this page has asked for meanwhile is newer.
    this.#known = known;
    this.#showKept(this.#span);
    this.#keep();
  }

  #showKept(span: Span | undefined): void {
    const { value: spans, asOf } = this.#known;
    const { rows, asOf: answeredAt } = this.#state.get();
    if (answeredAt !== null) return;
    const old = spans.flatMap((one) => one.rows).filter(({ id }) => !rows.has(id));
    for (const { id } of old) this.#unconfirmed.add(id);
    const held = span && holding(spans, span);
    this.#state.update((state) => ({
      ...{ ...state, rows: merge(rows, old) },
      ...(held && { asOf: asOf - held.olderByMs, isKept: true }),
    }));
  }

  #keep(): void {
    this.#kept?.save(() => {
      const { rows, asOf, isKept } = this.#state.get();
      const span = this.#span;
      if (!span || asOf === null || isKept) return undefined;
      const { value, asOf: before } = this.#known;
      const shown = [...rows.values()].filter((row) => isIn(row, span));
      this.#known = { value: withSpan(value, span, shown, asOf - before), asOf };
      return this.#known;
    });
  }

  #forgetChanges(): void {
    this.#state.update((state) => {
      const fresh = [...state.changes].filter(([, { at }]) => this.#now() - at < changeShowsMs);
      return fresh.length === state.changes.size ? state : { ...state, changes: new Map(fresh) };
    });
  }

  #now(): number {
    return this.#clock.monotonic();
  }
}
