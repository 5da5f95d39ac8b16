import { loadavg } from 'node:os';
import { writeFile } from 'node:fs/promises';
import { machine } from './machine.js';
import { readCommandLine, UsageError, type CommandLine } from './command-line.js';
import type { Options } from './options.js';
import { report } from './report.js';
import { record } from './record.js';
import type { Run, Shape } from './shape.js';
import { shapes } from './shapes.js';

/** Of a measurement. */
const USUAL_SECONDS = 5;

try {
  await main(readCommandLine(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 64;
}

async function main({ shapes: names, options }: CommandLine): Promise<void> {
  const runs: Run[] = [];
  for (const name of names) {
    const shape: Shape = shapes[name];
    const seconds = options.seconds ?? shape.seconds ?? USUAL_SECONDS;
    const run = await perform(shape, { ...options, seconds });
    process.stdout.write(`${report(run)}\n`);
    runs.push(run);
  }
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(runs, undefined, 2)}\n`);
  if (options.record) await record(runs);
}

async function perform(shape: Shape, options: Options): Promise<Run> {
  const [loadBefore = 0] = loadavg();
  const { tables, remarks } = await shape.run(options);
  return {
    shape: shape.name,
    about: shape.about,
    aims: shape.aims,
    machine: await machine(),
    loadBefore: Math.round(loadBefore * 10) / 10,
    seconds: options.seconds,
    repeat: options.repeat,
    tables,
    remarks: [...remarks, ...options.notes],
  };
}
