import type { Deed, History, Told } from './history.js';

/**
 * Looks whether each reminder that was due came once, and none that wasn't. It knows the rules of docs/reminders.md, and nothing
 * of how they are kept.
 * @returns a sentence for each fault
 */
export function faultsOf(history: History): string[] {
  return [...repetitions(history), ...untruths(history), ...omissions(history)];
}

/** How many reminders had to come. */
export function countExpected(history: History): number {
  return expectationsOf(history).length;
}

function repetitions({ told }: History): string[] {
  const times = groupBy(told, nameOf);
  return [...times]
    .filter(([, all]) => all.length > 1)
    .map(([name, { length }]) => `${name} came ${length} times`);
}

function untruths(history: History): string[] {
  const periods = periodsOf(history);
  return history.told.flatMap((one) => {
    const name = nameOf(one);
    if (one.at >= one.startsAt) return [`${name} came after the start`];
    if (one.at < one.startsAt - one.offset * MINUTE) return [`${name} came too early`];
    const isTrue = periods.some(
      ({ appointmentId, startsAt, from, to }) =>
        appointmentId === one.appointmentId &&
        startsAt === one.startsAt &&
        from.step <= one.step &&
        // What happens in one step has no order.
        one.step <= (to?.step ?? Infinity),
    );
    return isTrue ? [] : [`${name} came when it wasn't so`];
  });
}

function omissions(history: History): string[] {
  const told = new Set(history.told.map(nameOf));
  return expectationsOf(history)
    .map(nameOf)
    .filter((name) => !told.has(name))
    .map((name) => `${name} never came`);
}

type Expected = Pick<Told, 'appointmentId' | 'startsAt' | 'offset'>;

function expectationsOf(history: History): Expected[] {
  const { offsets, noticeMs, looks } = history;
  return periodsOf(history).flatMap(({ appointmentId, startsAt, from, to }) =>
    offsets.flatMap((offset): Expected[] => {
      const due = startsAt - offset * MINUTE;
      if (due <= from.at) return [];
      const look = looks.find(({ step, at }) => step > from.step && at >= due);
      if (!look || look.step >= (to?.step ?? Infinity)) return [];
      const isTooLate = startsAt - look.at < Math.min(noticeMs, (offset * MINUTE) / 2);
      const isOvertaken = offsets.some((nearer) => nearer < offset && startsAt - nearer * MINUTE <= look.at);
      return isTooLate || isOvertaken ? [] : [{ appointmentId, startsAt, offset }];
    }),
  );
}

/** The time in which an appointment has one start. */
interface Period {
  readonly appointmentId: number;
  readonly startsAt: number;
  readonly from: Deed;
  readonly to: Deed | undefined;
}

function periodsOf({ deeds }: History): Period[] {
  return [...groupBy(deeds, ({ appointmentId }) => appointmentId).values()].flatMap((own) =>
    own.flatMap((from, i): Period[] => {
      const { appointmentId, startsAt } = from;
      return startsAt === undefined ? [] : [{ appointmentId, startsAt, from, to: own[i + 1] }];
    }),
  );
}

function nameOf({ appointmentId, startsAt, offset }: Expected): string {
  return `the reminder of ${appointmentId}, ${offset} minutes before ${new Date(startsAt).toISOString()},`;
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

const MINUTE = 60_000;
