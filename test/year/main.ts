import { parseArgs } from 'node:util';
import { postgres } from '../databases.js';
import { countExpected, faultsOf } from './check.js';
import { simulateYear } from './year.js';

/** A year of reminders: `npm run year -- --zone Europe/Berlin --appointments 2000 --days 365 --seed 1`. */
const { values } = parseArgs({
  options: {
    zone: { type: 'string', default: 'Europe/Berlin' },
    appointments: { type: 'string', default: '2000' },
    days: { type: 'string', default: '365' },
    seed: { type: 'string', default: '1' },
  },
});

const database = await postgres.create();
try {
  const result = await simulateYear({
    databaseUrl: database.url,
    zone: values.zone,
    from: Date.UTC(2027, 0, 4),
    days: Number(values.days),
    appointments: Number(values.appointments),
    seed: Number(values.seed),
    killChance: 0.1,
  });
  const { history, ...counts } = result;
  const faults = faultsOf(history);
  process.stdout.write(
    `${values.zone}: ${JSON.stringify({
      ...counts,
      changes: history.deeds.length,
      expected: countExpected(history),
      told: history.told.length,
      faults: faults.length,
    })}\n${faults.map((fault) => `  ${fault}\n`).join('')}`,
  );
  process.exitCode = faults.length > 0 ? 1 : 0;
} finally {
  await database.drop();
}
