import { expect, it } from 'vitest';
import { commandIn, UsageError } from './command-line.js';

it.each([
  [[], 'start'],
  [['--new-epochs'], 'start with new epochs'],
  [['--print-config'], 'print settings'],
  [['--help'], 'print help'],
  [['-h'], 'print help'],
  [['--new-epochs', '--help'], 'print help'],
])('%j means: %s', (words, command) => expect(commandIn(words)).toBe(command));

it.each([['--version'], ['--port=8081'], ['start'], ['--new-epochs=true'], ['-x'], ['--']])(
  '%j is refused, and the help is shown',
  (word) => {
    const parsed = (): unknown => commandIn([word, 'word']);

    expect(parsed).toThrow(UsageError);
    expect(parsed).toThrow('Usage: npm start -- [option]');
  },
);
