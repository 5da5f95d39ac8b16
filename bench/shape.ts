import type { Machine } from './machine.js';
import type { Options } from './options.js';

/** One question that is put to Carillon and its peers. */
export interface Shape {
  readonly name: string;
  /** What is done, and how it is counted: enough to judge the figures by. */
  readonly about: string;
  /** What the figures should be. */
  readonly aims: readonly string[];
  /** Of a measurement unless the command line says it, where the usual 5 are too few. */
  readonly seconds?: number;
  run(options: Options): Promise<Outcome>;
}

export interface Outcome {
  readonly tables: readonly Table[];
  /** What a reader of the tables has to know: settings, peers that weren't there. */
  readonly remarks: readonly string[];
}

export interface Table {
  readonly title: string;
  /** All with the same keys, which are the columns. */
  readonly rows: readonly Row[];
}

export type Row = Readonly<Record<string, string | number>>;

/** An outcome, with where and when it came about. */
export interface Run extends Outcome {
  readonly shape: string;
  readonly about: string;
  readonly aims: readonly string[];
  readonly machine: Machine;
  /** Load average of the minute before: a shared machine shows in it. */
  readonly loadBefore: number;
  readonly seconds: number;
  readonly repeat: number;
}
