import { beforeEach, expect, it, vi } from 'vitest';
import { FakeClock } from '../../../src/library/testing/fake-clock.js';
import type { Span } from '../api/appointments.js';
import type { Http } from '../api/http.js';
import { Unreachable } from '../api/problem.js';
import type { Appointment } from '../api/types.js';
import { FakeStore } from '../offline/fake-store.js';
import { Calendar } from './calendar.js';

const hourMs = 60 * 60 * 1_000;
const everything: Span = {};
const monday: Span = { from: '2026-11-23T00:00:00Z', to: '2026-11-24T00:00:00Z' };
const tuesday: Span = { from: '2026-11-24T00:00:00Z', to: '2026-11-25T00:00:00Z' };

let rows: Appointment[];
let isAway: boolean;
let store: FakeStore;
let clock: FakeClock;

beforeEach(() => {
  rows = [];
  isAway = false;
  store = new FakeStore();
  clock = new FakeClock();
});

it('shows a page without a network what the page before showed, and as of when', async () => {
  rows = [row(1, '23T09:00'), row(2, '24T09:00')];
  await shown(everything);
  clock.pass(2 * hourMs);

  isAway = true;
  const calendar = open();
  await calendar.show(everything);
  await vi.waitFor(() => expect(ids(calendar)).toEqual([1, 2]));

  const { isKept, asOf, error } = calendar.state.get();
  expect([isKept, error !== null]).toEqual([true, true]);
  expect(clock.monotonic() - (asOf ?? 0)).toBe(2 * hourMs + 1_000);
});

it('says how old a day is by when that day was asked for', async () => {
  rows = [row(1, '23T09:00'), row(2, '24T09:00')];
  await shown(monday);
  clock.pass(hourMs);
  await shown(tuesday);

  isAway = true;
  const calendar = open();
  await calendar.show(monday);
  await vi.waitFor(() => expect(calendar.state.get().isKept).toBe(true));

  expect(clock.monotonic() - (calendar.state.get().asOf ?? 0)).toBe(hourMs + 2_000);
});

it('claims to know no day that was never asked for', async () => {
  rows = [row(1, '23T09:00')];
  await shown(monday);

  isAway = true;
  const calendar = open();
  await calendar.show(tuesday);
  await store.settled();

  expect(calendar.state.get()).toMatchObject({ asOf: null, isKept: false, loading: 'done' });
  expect(calendar.state.get().error).not.toBeNull();
});

it('drops what was kept and isn’t there any more, or is on another day, once the server answers', async () => {
  rows = [row(1, '23T09:00'), row(2, '23T10:00'), row(3, '24T09:00')];
  await shown(everything);
  isAway = true;
  const calendar = open();
  await calendar.show(monday);
  await vi.waitFor(() => expect(ids(calendar)).toEqual([1, 2, 3]));

  isAway = false;
  rows = [row(1, '23T09:00'), { ...row(2, '25T10:00'), version: 2 }];
  await calendar.reload();

  expect(ids(calendar)).toEqual([1]);
  expect(calendar.state.get().isKept).toBe(false);
});

it('drops what was moved out of the span that is shown while nobody told', async () => {
  rows = [row(1, '23T09:00')];
  const calendar = open();
  await calendar.show(monday);

  rows = [{ ...row(1, '25T09:00'), version: 2 }];
  await calendar.reload();

  expect(ids(calendar)).toEqual([]);
});

it('keeps a row that came while an older answer was on its way', async () => {
  const calendar = open();
  await calendar.show(monday);

  const loading = calendar.reload();
  calendar.put(row(7, '23T11:00'));
  await loading;

  expect(ids(calendar)).toEqual([7]);
});

it('keeps eight spans of three hundred rows', async () => {
  rows = Array.from({ length: 400 }, (_, i) => row(i + 1, '23T09:00'));
  const spans = Array.from({ length: 10 }, (_, i) => ({ ...monday, to: `2026-11-24T00:00:0${i}Z` }));
  for (const span of spans) await shown(span);

  const kept = JSON.stringify(store.values.get('appointments'));

  expect(kept.match(/"span"/g)).toHaveLength(8);
  expect(kept.match(/"doctorId"/g)).toHaveLength(2_400);
});

/** A page that has shown a span, and what it has kept. */
async function shown(span: Span): Promise<void> {
  const calendar = new Calendar(http, store, clock);
  const end = calendar.start();
  await store.settled();
  await calendar.show(span);
  clock.pass(1_000);
  await store.settled();
  end();
}

function open(): Calendar {
  const calendar = new Calendar(http, store, clock);
  calendar.start();
  return calendar;
}

function ids(calendar: Calendar): number[] {
  return [...calendar.state.get().rows.keys()].toSorted((a, b) => a - b);
}

function row(id: number, at: string): Appointment {
  return {
    ...{ id, doctorId: 1, patientId: 2, doctorName: 'Dr. Osei', patientName: 'Paula Brandt' },
    ...{ startsAt: `2026-11-${at}:00Z`, endsAt: `2026-11-${at}:30Z`, zone: 'UTC', status: 'booked' },
    ...{ version: 1, reason: null },
  } as unknown as Appointment;
}

/** The far end: a list of appointments by REST. */
const http: Http = async <T>(path: string): Promise<T> => {
  if (isAway) throw new Unreachable('none');
  const query = new URL(path, 'http://x').searchParams;
  const [from, to] = [query.get('from') ?? '', query.get('to') ?? '9'];
  const items = rows.filter(({ startsAt }) => startsAt >= from && startsAt < to);
  return { items, next: null } as T;
};
