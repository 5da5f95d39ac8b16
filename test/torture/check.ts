import { checkQueues } from './check-queues.js';
import { checkTopics } from './check-topics.js';
import { Faults, type Fault } from './faults.js';
import type { History, Reading, Row, Write } from './history.js';

/** Finds what notifications, topics and queues may never suffer. */
export function check(history: History): Fault[] {
  const faults = new Faults();
  checkNotifications(history, faults);
  checkTopics(history.topics, faults);
  checkQueues(history.queues, faults);
  return faults.found;
}

/**
 * - `lost`: acknowledged, or told to one of two, and not in the database; or a reader who stayed didn't get that far.
 * - `phantom`: in the database though nobody wrote it, or it was refused; or seen by a reader and not in the database.
 * - `duplicated`: two rows of one write; or delivered again at or below a reader's cursor.
 * - `reordered`: numbered before what was acknowledged earlier to the same writer; or delivered after a later one.
 * - `gap`: a number that no row has; or a reader's cursor went past a row without a verdict, or without its reload.
 * - `foreign`: seen by a reader, and another user's.
 * - `reset`: a reader came back with a cursor that the server gave, and was told to load everything.
 */
function checkNotifications({ writes, inboxes, readings }: History, faults: Faults): void {
  for (const [user, rows] of inboxes) checkNumbers(user, rows, faults);
  checkWrites(writes, inboxes, faults);
  const users = new Map(writes.map(({ event, users }) => [event, users]));
  const isForeign = (event: string, user: string): boolean => users.get(event)?.includes(user) === false;
  for (const reading of readings) checkReading(reading, inboxes.get(reading.user) ?? [], isForeign, faults);
}

/** Rows of an inbox are numbered 1, 2, 3 … */
function checkNumbers(user: string, rows: readonly Row[], faults: Faults): void {
  let last = 0;
  for (const { seq } of rows) {
    if (seq <= last) faults.add('duplicated', `the inbox of ${user} has ${seq} after ${last}`);
    for (let missing = last + 1; missing < seq; missing++)
      faults.add('gap', `the inbox of ${user} has no ${missing}`);
    last = Math.max(last, seq);
  }
}

function checkWrites(
  writes: readonly Write[],
  inboxes: ReadonlyMap<string, readonly Row[]>,
  faults: Faults,
): void {
  const unclaimed = new Map([...inboxes].map(([user, rows]) => [user, rowsByEvent(rows)]));
  /** The highest number that a writer knew of when he sent the next. */
  const acknowledged = new Map<string, number>();

  for (const write of writes) {
    const { event, answer, writer } = write;
    const isTold = write.users.some((user) => unclaimed.get(user)?.has(event));
    for (const user of write.users) {
      const where = `${event} of ${writer} to ${user}`;
      const rows = unclaimed.get(user)?.get(event) ?? [];
      unclaimed.get(user)?.delete(event);
      const [row, ...more] = rows;

      if (row === undefined) {
        if (answer === 'acknowledged') faults.add('lost', `${where}: acknowledged, not in the database`);
        else if (isTold) faults.add('lost', `${where}: somebody else was told of it`);
        continue;
      }
      if (answer === 'refused') faults.add('phantom', `${where}: refused, and in the database`);
      for (const { seq } of more) faults.add('duplicated', `${where}: in the database again at ${seq}`);
      if (write.row && !isSame(write.row, row))
        faults.add('lost', `${where}: acknowledged as ${textOf(write.row)}, is ${textOf(row)}`);

      const pair = `${writer} ${user}`;
      const before = acknowledged.get(pair) ?? 0;
      if (row.seq < before) faults.add('reordered', `${where}: ${row.seq}, sent after ${before} was there`);
      if (answer === 'acknowledged') acknowledged.set(pair, Math.max(before, row.seq));
    }
  }
  for (const [user, events] of unclaimed)
    for (const event of events.keys()) faults.add('phantom', `nobody wrote ${event} to ${user}`);
}

function checkReading(
  { reader, user, from, sightings, hasStayed }: Reading,
  inbox: readonly Row[],
  isForeign: (event: string, user: string) => boolean,
  faults: Faults,
): void {
  const rows = new Map(inbox.map((row) => [row.seq, row]));
  const who = `${reader}, reading ${user},`;
  let position = from;
  /** Passed without having been had, and nothing explains it. */
  const skipped = new Set<number>();
  /** The same, by the last cursor: the verdict may still come. */
  const unexplained = new Set<number>();
  /** A reset said that these are to be loaded. */
  const toReload = new Set<number>();

  const passTo = (seq: number, missing: Set<number>): void => {
    for (let passed = position + 1; passed <= seq; passed++) if (rows.has(passed)) missing.add(passed);
    position = Math.max(position, seq);
  };
  const isPhantom = (row: Row): boolean => {
    const stored = rows.get(row.seq);
    if (stored && isSame(stored, row)) return false;
    faults.add(
      isForeign(row.event, user) ? 'foreign' : 'phantom',
      `${who} saw ${textOf(row)}; there is ${stored ? textOf(stored) : 'no such number'}`,
    );
    return true;
  };

  for (const sighting of sightings) {
    if (sighting.kind !== 'reset') move(unexplained, skipped);
    switch (sighting.kind) {
      case 'moved':
      case 'complete':
        passTo(sighting.seq, unexplained);
        break;
      case 'reset':
        if (!sighting.isDue) faults.add('reset', `${who} at ${position} was told to reload: ${sighting.why}`);
        passTo(sighting.seq, toReload);
        move(unexplained, toReload);
        // Told to forget what he has, he goes on from there, be it back.
        position = sighting.seq;
        break;
      case 'reload':
        sighting.rows.forEach((row) => isPhantom(row) || toReload.delete(row.seq));
        break;
      case 'row': {
        const { row } = sighting;
        if (isPhantom(row) && !rows.has(row.seq)) break;
        if (row.seq > position) {
          passTo(row.seq - 1, skipped);
          position = row.seq;
        } else if (skipped.delete(row.seq)) {
          faults.add('reordered', `${who} got ${textOf(row)} after ${position}`);
        } else {
          faults.add('duplicated', `${who} got ${textOf(row)} again at ${position}`);
        }
      }
    }
  }

  for (const seq of [...skipped, ...unexplained]) faults.add('gap', `${who} went past ${seq} without it`);
  if (!hasStayed) return;
  for (const seq of toReload) faults.add('gap', `${who} was told to reload ${seq}, and it wasn't there`);
  for (const { seq } of inbox)
    if (seq > position) faults.add('lost', `${who} came to ${position} and never got ${seq}`);
}

function rowsByEvent(rows: readonly Row[]): Map<string, Row[]> {
  const events = new Map<string, Row[]>();
  for (const row of rows) events.set(row.event, [...(events.get(row.event) ?? []), row]);
  return events;
}

function move(from: Set<number>, to: Set<number>): void {
  from.forEach((seq) => to.add(seq));
  from.clear();
}

function isSame(one: Row, other: Row): boolean {
  return one.seq === other.seq && one.id === other.id && one.event === other.event;
}

function textOf({ seq, id, event }: Row): string {
  return `${seq} (id ${id}, ${event})`;
}
