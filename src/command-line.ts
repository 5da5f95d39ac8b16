import { parseArgs } from 'node:util';

/** What the words behind `npm start --` ask for. */
export type Command = 'start' | 'start with new epochs' | 'print settings' | 'print help';

/** What `--help` prints. */
export const help = `Usage: npm start -- [option]

  --print-config   print the settings in force, secrets masked, and start nothing
  --new-epochs     start, and make all cursors unknown: once after a backup was restored
  --help           print this

Settings are environment variables, such as PORT=8081 npm start. README.md lists them.
`;

/** Words that mean nothing here. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @param words `process.argv` without the program's own two. @throws {UsageError} for a word that isn't known */
export function commandIn(words: readonly string[]): Command {
  const asked = optionsIn(words);
  if (asked.help) return 'print help';
  if (asked['print-config']) return 'print settings';
  return asked['new-epochs'] ? 'start with new epochs' : 'start';
}

function optionsIn(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        help: { type: 'boolean', short: 'h' },
        'print-config': { type: 'boolean' },
        'new-epochs': { type: 'boolean' },
      },
    }).values;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${reason}\n\n${help}`, { cause });
  }
}
