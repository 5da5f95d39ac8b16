import 'reflect-metadata';
import type { INestApplication } from '@nestjs/common';
import { createApplication } from './application.js';
import { commandIn, help, UsageError, type Command } from './command-line.js';
import { loadSettings, SettingsError, type Settings } from './config.js';
import { ConversationsService } from './clinic/conversations/conversations.service.js';
import { renewEpochs } from './library/inbox/renew-epochs.js';
import { greeting } from './clinic/ops/greeting.js';
import { ProcessLog } from './clinic/ops/process-log.js';
import { stopOnSignals } from './clinic/ops/stop.js';
import { listSettings } from './settings-listing.js';
import { SessionsShared } from './library/relay/shared-sessions.js';
import { DatabaseTaken } from './library/store/claim.js';
import { SqlTopicStore } from './library/store/sql-topic-store.js';
import { Store } from './library/store/store.js';

/** sysexits.h, EX_USAGE: the command line was wrong. */
const EXIT_USAGE = 64;
/** sysexits.h, EX_CONFIG: starting again helps nothing before the settings are changed. */
const EXIT_SETTINGS = 78;

/** Mistakes of the person who starts it. */
const ofSettings = [SettingsError, DatabaseTaken, SessionsShared];

try {
  await run(commandIn(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exitCode = exitCodeOf(error);
}

async function run(command: Command): Promise<void> {
  if (command === 'print help') return print(help);
  const settings = loadSettings();
  if (command === 'print settings') return print(listSettings(settings));
  await start(settings, command);
}

async function start(settings: Settings, command: Command): Promise<void> {
  const log = new ProcessLog(settings);
  log.takeOver();
  try {
    const application = await createApplication(settings, { log });
    if (command === 'start with new epochs') await renewAllEpochs(application);
    stopOnSignals(application, settings, log);
    await application.listen(settings.port, settings.host);
    const url = await application.getUrl();
    print(greeting(isAllTls(settings) ? url.replace(/^http:/, 'https:') : url, settings));
  } catch (error) {
    log.say(sentenceOf(error));
    await log.end();
    // What was begun would keep the process alive.
    process.exit(exitCodeOf(error));
  }
}

/** Whether its one port speaks TLS. */
function isAllTls({ tls }: Settings): boolean {
  return tls !== undefined && tls.port === undefined;
}

/** Of whatever a client may hold a position in. */
async function renewAllEpochs(application: INestApplication): Promise<void> {
  await renewEpochs(application.get(Store));
  await application.get(SqlTopicStore).renewEpochs();
  await application.get(ConversationsService).renewEpochs();
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT_USAGE;
  return ofSettings.some((kind) => error instanceof kind) ? EXIT_SETTINGS : 1;
}

/** Short: what failed inside Nest was logged whole by Nest. */
function sentenceOf(error: unknown): string {
  if (error instanceof UsageError || error instanceof SettingsError) return error.message;
  if (!(error instanceof Error)) return `Carillon can't start: ${String(error)}`;
  if ('code' in error && error.code === 'EADDRINUSE')
    return `Carillon can't start: the port is taken (${error.message}). Choose another one: PORT=8081 npm start`;
  return `Carillon can't start: ${error.message}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
