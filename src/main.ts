import 'reflect-metadata';
import { createApplication } from './application.js';
import { loadSettings, SettingsError, type Settings } from './config.js';
import { renewEpochs } from './inbox/renew-epochs.js';
import { greeting } from './ops/greeting.js';
import { stopOnSignals } from './ops/stop.js';
import { listSettings } from './settings-listing.js';
import { Store } from './store/store.js';

/** sysexits.h, EX_CONFIG: starting again helps nothing before the settings are changed. */
const EXIT_SETTINGS = 78;

try {
  const settings = loadSettings();
  if (process.argv.includes('--print-config')) print(listSettings(settings));
  else await start(settings);
} catch (error) {
  process.stderr.write(`${told(error)}\n`);
  // A failed start has begun things that would keep the process alive.
  process.exit(error instanceof SettingsError ? EXIT_SETTINGS : 1);
}

async function start(settings: Settings): Promise<void> {
  const application = await createApplication(settings);
  if (process.argv.includes('--new-epochs')) await renewEpochs(application.get(Store));
  stopOnSignals(application, settings);
  await application.listen(settings.port, settings.host);
  print(greeting(await application.getUrl(), settings));
}

/** Short: what failed inside Nest was logged whole by Nest. */
function told(error: unknown): string {
  if (error instanceof SettingsError) return error.message;
  if (!(error instanceof Error)) return `Carillon can't start: ${String(error)}`;
  if ('code' in error && error.code === 'EADDRINUSE')
    return `Carillon can't start: the port is taken (${error.message}). Choose another one: PORT=8081 npm start`;
  return `Carillon can't start: ${error.message}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
