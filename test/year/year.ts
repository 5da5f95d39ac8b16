import { limits } from '../../src/clinic/limits.js';
import { Zone } from '../../src/clinic/appointments/zone.js';
import { UsersService } from '../../src/clinic/users/users.service.js';
import { Refusal } from '../../src/library/errors.js';
import { Inbox } from '../../src/library/inbox/inbox.js';
import { rowsOf } from '../../src/library/store/rows.js';
import { Store } from '../../src/library/store/store.js';
import { FakeClock } from '../../src/library/testing/fake-clock.js';
import { schema } from '../../src/schema.js';
import { Random } from '../torture/random.js';
import { calendarNode, operator, type CalendarNode } from './calendar-node.js';
import type { Deed, History, Look, Told } from './history.js';
import { Killed, mortalStore, type MortalStore } from './mortal-store.js';

/** How long, where, and with how much trouble. */
export interface YearOptions {
  readonly databaseUrl: string;
  /** IANA: the clinic's. */
  readonly zone: string;
  readonly from: number;
  readonly days: number;
  readonly appointments: number;
  readonly seed: number;
  /** Of each commit, that its node is killed there. */
  readonly killChance: number;
}

/** What became of it. */
export interface YearResult {
  readonly history: History;
  readonly steps: number;
  readonly kills: number;
  readonly outages: number;
  readonly clockSteps: number;
}

/** Three nodes on one database, on a clock that jumps from one event to the next. */
export async function simulateYear(options: YearOptions): Promise<YearResult> {
  const store = await Store.open({
    ...schema,
    databaseUrl: options.databaseUrl,
    limits,
    logError: (message, error) => {
      throw new Error(message, { cause: error });
    },
  });
  try {
    return await new Simulation(store, options).run();
  } finally {
    await store.close();
  }
}

interface Node extends CalendarNode {
  readonly mortal: MortalStore;
}

interface Booked {
  readonly id: number;
  readonly doctorId: number;
  startsAt: number;
}

class Simulation {
  readonly #random: Random;
  readonly #clock: FakeClock;
  readonly #zone: Zone;
  readonly #deeds: Deed[] = [];
  readonly #looks: Look[] = [];
  readonly #told: Told[] = [];
  readonly #booked: Booked[] = [];
  #nodes: Node[] = [];
  /** Instants at which something is to happen, ascending when it is taken. */
  #agenda: number[] = [];
  #lastRow = 0;
  #lastBooked = 0;
  #started = 0;
  #step = 0;
  #kills = 0;
  #outages = 0;
  #clockSteps = 0;

  constructor(
    private readonly store: Store,
    private readonly options: YearOptions,
  ) {
    this.#random = new Random(options.seed);
    this.#clock = new FakeClock(options.from);
    this.#zone = new Zone(options.zone);
  }

  async run(): Promise<YearResult> {
    const { from, days, appointments } = this.options;
    const [patients, doctors] = await this.#people();
    this.#nodes = [0, 1, 2].map(() => this.#start());
    const end = from + days * DAY;
    for (let i = 0; i < appointments; i++) this.#agenda.push(this.#random.between(from, end - 2 * DAY));
    let bookings = 0;
    const bookingsAt = new Set(this.#agenda);

    for (let at = this.#next(); at !== undefined && at <= end; at = this.#next()) {
      if (this.#random.chance(0.01)) at = this.#sleep(at);
      this.#clock.stepWall(at - this.#clock.now());
      const deeds: Promise<void>[] = [];
      if (bookingsAt.delete(at) && bookings < appointments) {
        bookings++;
        deeds.push(this.#book(pick(this.#random, patients), pick(this.#random, doctors)));
      } else if (this.#random.chance(0.12)) deeds.push(this.#change());
      await this.#stepWith(deeds);
      if (this.#random.chance(0.005)) await this.#setClockAheadAndBack();
    }
    const history = {
      deeds: this.#deeds,
      looks: this.#looks,
      told: this.#told,
      offsets: [1440, 120],
      noticeMs: limits.reminderNoticeMs,
    };
    const { steps, kills, outages, clockSteps } = {
      steps: this.#step,
      kills: this.#kills,
      outages: this.#outages,
      clockSteps: this.#clockSteps,
    };
    return { history, steps, kills, outages, clockSteps };
  }

  /** Whatever is done, and all nodes that look, at the same time. */
  async #stepWith(deeds: readonly Promise<void>[]): Promise<void> {
    this.#step++;
    const at = this.#clock.now();
    await Promise.all([...deeds, ...this.#nodes.map((node) => this.#look(node))]);
    // Of those that were killed new ones begin, until one has looked to the end.
    for (let isDone = false; !isDone;) {
      this.#nodes = this.#nodes.map((node) => (node.mortal.isDead ? this.#start() : node));
      isDone = await this.#look(pick(this.#random, this.#nodes));
    }
    this.#looks.push({ step: this.#step, at });
    await this.#read(at);
  }

  async #look({ reminders }: Node): Promise<boolean> {
    try {
      await reminders.sendDue();
      return true;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      this.#kills++;
      return false;
    }
  }

  async #book(patientId: number, doctorId: number): Promise<void> {
    const startsAt = this.#someStart(this.#clock.now());
    const booking = { patientId, doctorId, startsAt, durationMinutes: 15, reason: null };
    const done = await this.#try(({ appointments }) => appointments.book(operator, booking));
    if (done) await this.#noteBooked(doctorId);
  }

  async #change(): Promise<void> {
    const ahead = this.#booked.filter(({ startsAt }) => startsAt > this.#clock.now());
    if (ahead.length === 0) return;
    const one = pick(this.#random, ahead);
    const wish = this.#random.fraction();
    if (wish < 0.35) {
      const cancelled = { status: 'cancelled' } as const;
      if (await this.#try(({ appointments }) => appointments.setStatus(operator, one.id, cancelled)))
        await this.#noteState(one);
      return;
    }
    // Away, and sometimes back to where it was before.
    const before = one.startsAt;
    const to = this.#someStart(this.#clock.now());
    for (const startsAt of wish < 0.5 ? [to, new Date(before)] : [to]) {
      const done = await this.#try(({ appointments }) => appointments.change(operator, one.id, { startsAt }));
      if (done) await this.#noteState(one);
    }
  }

  /** @returns whether the outcome is known to stand; a refusal, or a killed node's answer, is looked up */
  async #try(work: (node: Node) => Promise<unknown>): Promise<boolean> {
    try {
      await work(pick(this.#random, this.#nodes));
      return true;
    } catch (error) {
      if (error instanceof Killed) {
        this.#kills++;
        return true;
      }
      if (error instanceof Refusal) return false;
      throw error;
    }
  }

  /** What the database says of it: a node that was killed at its commit told nobody. */
  async #noteBooked(doctorId: number): Promise<void> {
    const [row] = await rowsOf<{ id: number; starts_at: number }>(
      this.store.read,
      'select id, starts_at from appointment where id > $1',
      [this.#lastBooked],
    );
    if (!row) return;
    this.#lastBooked = row.id;
    const booked = { id: row.id, doctorId, startsAt: row.starts_at };
    this.#booked.push(booked);
    this.#note(booked, row.starts_at);
  }

  async #noteState(booked: Booked): Promise<void> {
    const [row] = await rowsOf<{ starts_at: number; status: string }>(
      this.store.read,
      'select starts_at, status from appointment where id = $1',
      [booked.id],
    );
    if (!row) return;
    if (row.status === 'cancelled') {
      this.#booked.splice(this.#booked.indexOf(booked), 1);
      this.#note(booked, undefined);
    } else if (row.starts_at !== booked.startsAt) {
      booked.startsAt = row.starts_at;
      this.#note(booked, row.starts_at);
    }
  }

  #note({ id: appointmentId }: Booked, startsAt: number | undefined): void {
    this.#deeds.push({ step: this.#step, at: this.#clock.now(), appointmentId, startsAt });
    if (startsAt === undefined) return;
    for (const minutes of [1440, 120]) {
      const due = startsAt - minutes * MINUTE;
      // A second before too: nothing may come then.
      if (due > this.#clock.now()) this.#agenda.push(due - 1_000, due);
    }
  }

  /** What came into the inboxes since the last look, wherever it was sent. */
  async #read(at: number): Promise<void> {
    const rows = await rowsOf<{ id: number; data: string }>(
      this.store.read,
      `select id, data from notification where id > $1 and type = 'appointment.reminder' order by id`,
      [this.#lastRow],
    );
    for (const { id, data } of rows) {
      const { appointmentId, startsAt, offsetMinutes } = JSON.parse(data) as {
        appointmentId: number;
        startsAt: string;
        offsetMinutes: number;
      };
      this.#lastRow = id;
      const told = { appointmentId, startsAt: Date.parse(startsAt), offset: offsetMinutes };
      this.#told.push({ step: this.#step, at, ...told });
    }
  }

  /** No node is there for a while: minutes, or two days. @returns when the next one is */
  #sleep(at: number): number {
    this.#outages++;
    return at + this.#random.magnitude(MINUTE, 2 * DAY);
  }

  async #setClockAheadAndBack(): Promise<void> {
    this.#clockSteps++;
    const step = this.#random.chance(0.5) ? HOUR : -HOUR;
    this.#clock.stepWall(step);
    await this.#stepWith([]);
    this.#clock.stepWall(-step);
    await this.#stepWith([]);
  }

  #start(): Node {
    // Each has a fate of its own: one with the same as the node whose place it takes dies where that died, for ever.
    const fate = this.#random.fork(`node ${this.#started++}`);
    const mortal = mortalStore(this.store, fate, this.options.killChance);
    const options = { clinicZone: this.options.zone, limits: simulated, clock: this.#clock };
    return { mortal, ...calendarNode(mortal.store, options) };
  }

  #next(): number | undefined {
    this.#agenda.sort((a, b) => b - a);
    const at = this.#agenda.pop();
    this.#agenda = this.#agenda.filter((other) => other !== at);
    // Behind a sleep several are due at once.
    return at === undefined ? undefined : Math.max(at, this.#clock.now());
  }

  /** A quarter of an hour of some day's opening hours, an hour to three weeks ahead. */
  #someStart(now: number): Date {
    const ahead = this.#random.magnitude(HOUR, 21 * DAY);
    const { year, month, day } = this.#zone.wallTimeOf(new Date(now + ahead));
    const minuteOfDay = 8 * 60 + 15 * this.#random.between(0, 38);
    const startsAt = this.#zone.instantOf({ year, month, day, minuteOfDay });
    return startsAt.getTime() > now ? startsAt : new Date(startsAt.getTime() + DAY);
  }

  async #people(): Promise<[patients: number[], doctors: number[]]> {
    const users = new UsersService(this.store, new Inbox(this.store));
    const add = async (name: string, role: 'operator' | 'patient' | 'doctor'): Promise<number> => {
      const person = { email: `${name}@example.org`, name, role, specialty: null, passwordHash: '' };
      return (await this.store.write((tx) => users.create(tx, person))).id;
    };
    await add('operator', 'operator');
    const patients: number[] = [];
    const doctors: number[] = [];
    for (let i = 0; i < 20; i++) patients.push(await add(`patient${i}`, 'patient'));
    for (let i = 0; i < 6; i++) doctors.push(await add(`doctor${i}`, 'doctor'));
    return [patients, doctors];
  }
}

/** The clinic's own, where nobody changes too often. */
const simulated = { ...limits, appointmentChanges: 1_000_000, reminderBatch: 3 };

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.between(0, items.length - 1)] as T;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
