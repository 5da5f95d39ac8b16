/** What a module in loads/ exports as `prepare`: connects, warms up, and resolves with what is to be measured. */
export type Prepare<Job, Result> = (job: Job) => Promise<() => Promise<Result>>;

/** Why a load came to nothing. */
export interface Failure {
  readonly failure: string;
}

/** A result, with what the load itself has cost. */
export type Measured<Result> = Result & { readonly loadCpuMicros: number; readonly elapsedMs: number };

const [module = ''] = process.argv.slice(2);
const { prepare } = (await import(`./loads/${module}.js`)) as { prepare: Prepare<unknown, object> };

process.once('message', (job) => {
  void prepare(job).then((run) => {
    process.once('message', () => void measure(run).then((result) => process.send?.(result)));
    process.send?.('ready');
  });
});
// A peer that gives up is a result too.
process.on('uncaughtException', (error) => {
  process.send?.({ failure: error.message }, () => process.exit(1));
});
// Whoever measures may be killed; the load isn't left behind.
process.on('disconnect', () => process.exit());

async function measure(run: () => Promise<object>): Promise<Measured<object>> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  const result = await run();
  const elapsedMs = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  return { ...result, loadCpuMicros: user + system, elapsedMs };
}
