import { setTimeout as wait } from 'node:timers/promises';
import { createPostgres, createSqlite, type Database } from '../databases.js';
import { Samples, type Summary } from '../figures.js';
import { startLoad } from '../load.js';
import { HttpCaller } from '../loads/http-caller.js';
import type { prepare } from '../loads/seed-reminders.js';
import type { Options } from '../options.js';
import { signIn, startCarillon } from '../peers/carillon.js';
import type { Row, Shape } from '../shape.js';
import { NotHereError } from '../target.js';

const REMINDERS = 10_000;
const PATIENTS = 1_000;
const CALLERS = 4;
/** Between two requests of a caller. */
const PAUSE_MS = 20;
/** For the server to start and to warm up, before they are due. */
const HEAD_START_MS = 12_000;
const PATIENCE_MS = 300_000;

export const reminders: Shape = {
  name: 'reminders',
  about:
    `${REMINDERS} reminders of ${PATIENTS} patients are due at the same second. Meanwhile ${CALLERS} callers notify an operator over ` +
    `HTTP, each ${PAUSE_MS} ms after its last answer: a write each, which stands in the same line as the reminders. \`quiet\` is ` +
    'before they are due, `during` from then until the last is sent.',
  aims: ['others’ requests are at most 50 ms slower at p99'],

  async run(options) {
    const rows: Row[] = [];
    const remarks: string[] = [];
    for (const create of [createSqlite, () => createPostgres(options.postgres)]) {
      try {
        rows.push(await on(await create(), options));
      } catch (error) {
        if (!(error instanceof NotHereError)) throw error;
        remarks.push(`PostgreSQL was skipped: ${error.message}`);
      }
    }
    return { tables: [{ title: 'due at once', rows }], remarks };
  },
};

async function on(database: Database, options: Options): Promise<Row> {
  try {
    return await measure(database, options);
  } finally {
    await database.drop();
  }
}

async function measure({ name, url }: Database, { seconds }: Options): Promise<Row> {
  const dueInMs = HEAD_START_MS + seconds * 1_000;
  const job = { databaseUrl: url, patients: PATIENTS, reminders: REMINDERS, dueInMs };
  const seed = await startLoad<typeof prepare>('seed-reminders', job);
  const { dueAt } = await seed.run();
  await seed.stop();
  const server = await startCarillon({ databaseUrl: url });
  try {
    const token = await signIn(server.url, 'operator@example.org');
    const callers = await Promise.all(
      Array.from({ length: CALLERS }, () => HttpCaller.open(server.url, token)),
    );
    const body = JSON.stringify({ email: 'operator@example.org', message: 'Ding dong' });
    const callUntil = async (isOver: () => boolean): Promise<Summary> => {
      const samples = new Samples();
      const call = async (caller: HttpCaller): Promise<void> => {
        while (!isOver()) {
          const before = performance.now();
          await caller.post('/api/notifications', body);
          samples.add(performance.now() - before);
          await wait(PAUSE_MS);
        }
      };
      await Promise.all(callers.map(call));
      return samples.summary();
    };
    const warm = Date.now() + 2_000;
    await callUntil(() => Date.now() >= warm);
    const quiet = await callUntil(() => Date.now() >= dueAt - 500);
    await wait(Math.max(0, dueAt - Date.now()));
    let settled = 0;
    const watching = (async () => {
      while (settled < REMINDERS && Date.now() < dueAt + PATIENCE_MS) {
        await wait(250);
        settled = await sentBy(server.url);
      }
    })();
    const during = await callUntil(() => settled >= REMINDERS || Date.now() >= dueAt + PATIENCE_MS);
    const tookMs = Date.now() - dueAt;
    await watching;
    return {
      database: name,
      reminders: settled,
      'sent within s': Math.round(tookMs / 100) / 10,
      ...{ 'quiet p50 ms': quiet.p50, 'quiet p99 ms': quiet.p99 },
      ...{ 'during p50 ms': during.p50, 'during p99 ms': during.p99, 'during max ms': during.max },
      'slower at p99, ms': during.p99 - quiet.p99,
    };
  } finally {
    await server.stop();
  }
}

async function sentBy(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^carillon_reminders_total\{[^}]*result="sent"[^}]*\} (\d+)/m.exec(metrics)?.[1] ?? 0);
}
