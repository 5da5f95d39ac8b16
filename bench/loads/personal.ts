import { paced } from './paced.js';
import { timedBody } from './timed-message.js';

export interface PersonalJob {
  /** Of the application; unused where there is none. */
  readonly databaseUrl: string;
  readonly port: number;
  /** E-mail addresses. */
  readonly users: readonly string[];
  readonly perSecond: number;
  readonly bodyBytes: number;
  readonly seconds: number;
}

export interface PersonalResult {
  /** With those of the warm-up. */
  readonly sent: number;
  /** Of this process, for each message after the warm-up. */
  readonly cpuMicros: number;
}

export const WARM_UP_SECONDS = 1;

/** Messages to one user after the other, by chance, once everybody is there. */
export async function sendToRandom(
  { users, perSecond, bodyBytes, seconds }: PersonalJob,
  send: (user: number, body: string) => void,
): Promise<PersonalResult> {
  const sendOne = (): void => send(Math.floor(Math.random() * users.length), timedBody(bodyBytes));
  const before = await paced(perSecond, WARM_UP_SECONDS, sendOne);
  const cpu = process.cpuUsage();
  const measured = await paced(perSecond, seconds, sendOne);
  const { user, system } = process.cpuUsage(cpu);
  return { sent: before + measured, cpuMicros: (user + system) / measured };
}
