import { expect, it } from 'vitest';
import { clientCommands, isClientCommand, isCommand, serverCommands } from './frame.js';

it('commands of clients and of servers are commands, and only the former are a client’s', () => {
  const all = [...clientCommands, ...serverCommands];

  expect(all.filter(isCommand)).toEqual(all);
  expect(all.filter(isClientCommand)).toEqual([...clientCommands]);
});

it.each(['', 'send', 'FETCH', 'toString'])('%j is no command', (word) => {
  expect([isCommand(word), isClientCommand(word)]).toEqual([false, false]);
});
