import { transportName, type Status } from '../realtime/status.js';
import { clock } from '../state/clock.js';
import { formatter } from '../time/day.js';

/** A line of the details of a connection. */
export type Fact = readonly [name: string, value: string];

/** What support would ask for. No token, nothing of the user. */
export function connectionFacts(status: Status, lastEventAt: number | null): readonly Fact[] {
  const facts: Fact[] = [];
  if (status.state === 'live') {
    facts.push(['Transport', transportName(status.transport)], ['Since', time(status.since)]);
  } else if (status.state !== 'idle') {
    facts.push(['Down since', time(status.downSince)]);
  }
  if ('attempt' in status) facts.push(['Attempts', String(status.attempt)]);
  if (status.state === 'waiting') facts.push(['Cause', status.cause]);
  if (status.state === 'stopped') facts.push(['Cause', status.code]);
  facts.push(['Last event', lastEventAt === null ? 'none yet' : time(lastEventAt)]);
  return facts;
}

function time(at: number): string {
  return formatter('en-GB', { timeStyle: 'medium' }).format(clock.at(at));
}
