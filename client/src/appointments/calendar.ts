import { getAppointment, listAppointments, type Span } from '../api/appointments.js';
import { explain, hasCode } from '../api/problem.js';
import type { Http } from '../api/http.js';
import type { Appointment } from '../api/types.js';
import { steadyNow } from '../state/steady-now.js';
import { createStore, type Readable } from '../state/store.js';
import { merge, type Appointments } from './appointment-list.js';
import { changeNote } from './change-note.js';

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
}

const changeShowsMs = 20_000;
const empty: CalendarState = {
  rows: new Map(),
  changes: new Map(),
  loading: 'first',
  error: null,
  asOf: null,
};

/** The appointments that one page shows, kept current by what rings. */
export class Calendar {
  readonly #http: Http;
  readonly #state = createStore<CalendarState>(empty);
  #span: Span | undefined;
  /** Numbers the loads: an answer for a span that isn't shown any more is dropped. */
  #load = 0;

  constructor(http: Http) {
    this.#http = http;
  }

  get state(): Readable<CalendarState> {
    return this.#state;
  }

  /** Shows a span; rows that are there already are shown while it loads. */
  async show(span: Span): Promise<void> {
    if (this.#span && span.from === this.#span.from && span.to === this.#span.to) return this.reload();
    this.#span = span;
    this.#state.update((state) => ({ ...state, loading: 'first', error: null }));
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
    this.#state.update((state) => {
      const rows = merge(state.rows, [row]);
      if (rows === state.rows || note === undefined) return { ...state, rows };
      return { ...state, rows, changes: new Map(state.changes).set(row.id, { note, at: steadyNow() }) };
    });
    setTimeout(() => this.#forgetChanges(), changeShowsMs);
  }

  async #fetch(span: Span): Promise<void> {
    const load = ++this.#load;
    try {
      const rows = await listAppointments(this.#http, span);
      if (load !== this.#load) return;
      this.#state.update((state) => ({
        ...state,
        rows: merge(state.rows, rows),
        loading: 'done',
        asOf: steadyNow(),
      }));
    } catch (error) {
      if (load !== this.#load) return;
      this.#state.update((state) => ({ ...state, loading: 'done', error: explain(error) }));
    }
  }

  #forgetChanges(): void {
    this.#state.update((state) => {
      const fresh = [...state.changes].filter(([, { at }]) => steadyNow() - at < changeShowsMs);
      return fresh.length === state.changes.size ? state : { ...state, changes: new Map(fresh) };
    });
  }
}
