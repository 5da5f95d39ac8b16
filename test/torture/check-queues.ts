import type { Faults } from './faults.js';
import type { Delivery, Put, QueueHistory } from './history.js';

/**
 * What got a RECEIPT comes out, once; again only if it says so.
 * - `lost`: it got its RECEIPT, and no consumer had it.
 * - `phantom`: a consumer had what nobody put; `foreign`: what was put into another queue.
 * - `duplicated`: it came more than once without `redelivered`, and no crash lay between.
 * - `reordered`: the only consumer of a queue had a message of one producer after a later one.
 */
export function checkQueues({ puts, deliveries, crashes }: QueueHistory, faults: Faults): void {
  const byName = new Map(puts.map((put) => [nameOf(put), put]));
  const delivered = new Set<string>();
  /** When the connections began that had it as for the first time. */
  const firsts = new Map<string, number>();
  for (const delivery of deliveries) {
    const name = nameOf(delivery);
    const put = byName.get(name);
    const what = `${delivery.consumer} had ${name} from ${delivery.queue}`;
    if (!put) faults.add('phantom', `${what}, which nobody put there`);
    else if (put.queue !== delivery.queue) faults.add('foreign', `${what}; it was put into ${put.queue}`);
    delivered.add(name);
    if (delivery.isRedelivered) continue;
    const first = firsts.get(name);
    const [from, to] = [
      Math.min(first ?? delivery.since, delivery.since),
      Math.max(first ?? 0, delivery.since),
    ];
    if (first !== undefined && !crashes.some((at) => from < at && at < to))
      faults.add('duplicated', `${what} again, and it doesn't say redelivered`);
    firsts.set(name, delivery.since);
  }
  for (const put of puts)
    if (put.isAcknowledged && !delivered.has(nameOf(put)))
      faults.add('lost', `nobody had ${nameOf(put)} from ${put.queue}, which got a RECEIPT`);
  checkOrder(deliveries, byName, faults);
}

/** What was sent before the consumer came may have been on its way to somebody else, and comes when it is given back. */
function checkOrder(deliveries: readonly Delivery[], puts: ReadonlyMap<string, Put>, faults: Faults): void {
  const last = new Map<string, number>();
  for (const delivery of deliveries) {
    const { consumer, producer, number, since, isAlone, isRedelivered } = delivery;
    const put = puts.get(nameOf(delivery));
    if (!put || !isAlone || isRedelivered || put.at < since) continue;
    const pair = `${consumer} ${producer}`;
    const before = last.get(pair) ?? 0;
    if (number < before) faults.add('reordered', `${consumer} had ${number} of ${producer} after ${before}`);
    last.set(pair, Math.max(before, number));
  }
}

function nameOf({ producer, number }: Pick<Put, 'producer' | 'number'>): string {
  return `${number} of ${producer}`;
}
