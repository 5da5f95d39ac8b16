/** What a run was asked for on the command line. */
export interface Options {
  /** Of each measurement, after its warm-up. */
  readonly seconds: number;
  /** Of each measurement; the median run is shown. */
  readonly repeat: number;
  /** Their names; all that are here unless given. */
  readonly peers: readonly string[] | undefined;
  /** Only settings whose description contains this, such as `100 subscribers`. */
  readonly only: string | undefined;
  /** So many instead of what a shape has by itself. */
  readonly clients: number | undefined;
  /** Of the inbox that is replayed. */
  readonly rows: number;
  /** A PostgreSQL server on which a database may be made for the run. */
  readonly postgres: string;
  readonly json: string | undefined;
  /** Whether bench/results and docs/performance.md get the result. */
  readonly record: boolean;
  /** What somebody has seen beside the run, to stand under its tables. */
  readonly notes: readonly string[];
}
