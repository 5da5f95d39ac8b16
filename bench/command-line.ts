import { parseArgs } from 'node:util';
import type { Options } from './options.js';
import { peerNames } from './peers.js';
import { shapes, type ShapeName } from './shapes.js';

export interface CommandLine {
  readonly shapes: readonly ShapeName[];
  /** `seconds` only where they were asked for: shapes differ in what they need. */
  readonly options: Omit<Options, 'seconds'> & { readonly seconds: number | undefined };
}

/** What to type instead. */
export class UsageError extends Error {}

/** @throws {UsageError} */
export function readCommandLine(given: readonly string[]): CommandLine {
  try {
    const { values, positionals } = parseArgs({
      args: [...given],
      allowPositionals: true,
      options: {
        shape: { type: 'string', multiple: true, default: [] },
        seconds: { type: 'string' },
        repeat: { type: 'string', default: '1' },
        peers: { type: 'string' },
        only: { type: 'string' },
        clients: { type: 'string' },
        rows: { type: 'string', default: '100000' },
        postgres: { type: 'string', default: 'postgres://postgres@127.0.0.1:5432/postgres' },
        json: { type: 'string' },
        record: { type: 'boolean', default: false },
        note: { type: 'string', multiple: true, default: [] },
      },
    });
    const named = [...positionals, ...values.shape.flatMap((names) => names.split(','))];
    return {
      shapes: named.length > 0 ? named.map(shapeNamed) : (Object.keys(shapes) as ShapeName[]),
      options: {
        seconds: optional('seconds', values.seconds),
        repeat: positive('repeat', values.repeat),
        peers: values.peers?.split(',').map(peerNamed),
        only: values.only,
        clients: optional('clients', values.clients),
        rows: positive('rows', values.rows),
        postgres: values.postgres,
        json: values.json,
        record: values.record,
        notes: values.note,
      },
    };
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${usage}`, { cause: error });
  }
}

const usage = `npm run bench -- [shape…] [--shape queue,notify] [--seconds NUMBER] [--repeat 1] [--peers carillon,rabbitmq] [--only TEXT]
                 [--clients NUMBER] [--rows 100000] [--postgres URL] [--json FILE] [--record] [--note TEXT]…
shapes: ${Object.keys(shapes).join(', ')}; all of them unless named
peers: ${peerNames.join(', ')}; those that are there unless named`;

function shapeNamed(name: string): ShapeName {
  if (name in shapes) return name as ShapeName;
  throw new Error(`There is no shape ${JSON.stringify(name)}.`);
}

function peerNamed(name: string): string {
  if (peerNames.includes(name)) return name;
  throw new Error(`There is no peer ${JSON.stringify(name)}.`);
}

function optional(name: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : positive(name, text);
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new Error(`--${name} must be a number above 0.`);
}
