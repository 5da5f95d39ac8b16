import { transportName, type Status } from '../realtime/status.js';
import { clock } from '../state/clock.js';
import { formatter } from '../time/day.js';
import { locale, say } from '../words/words.js';

/** A line of the details of a connection. */
export type Fact = readonly [name: string, value: string];

/** What support would ask for. No token, nothing of the user. */
export function connectionFacts(status: Status, lastEventAt: number | null): readonly Fact[] {
  const facts: Fact[] = [];
  if (status.state === 'live') {
    facts.push(
      [say('facts.transport'), transportName(status.transport)],
      [say('facts.since'), time(status.since)],
    );
  } else if (status.state !== 'idle') {
    facts.push([say('facts.downSince'), time(status.downSince)]);
  }
  if ('attempt' in status) facts.push([say('facts.attempts'), String(status.attempt)]);
  if (status.state === 'waiting') facts.push([say('facts.cause'), status.cause]);
  if (status.state === 'stopped') facts.push([say('facts.cause'), status.code]);
  facts.push([say('facts.last'), lastEventAt === null ? say('facts.none') : time(lastEventAt)]);
  return facts;
}

function time(at: number): string {
  return formatter(locale(), { timeStyle: 'medium' }).format(clock.at(at));
}
