import { expect, it } from 'vitest';
import type { Message } from '../broker/message.js';
import { SocketIoEvents } from './socket-io-events.js';

const message = (body: string, type: string | undefined, contentType = 'application/json'): Message => ({
  id: '1',
  address: '/user/ada/queue/x',
  headers: new Map([
    ['content-type', contentType],
    ...(type === undefined ? [] : [['event-type', type] as const]),
  ]),
  body: Buffer.from(body),
});

it('encodes what goes to several users once, for each event that it is', () => {
  const events = new SocketIoEvents();
  const forAda = message('{"a":1}', 'news');

  const packet = events.ofUser(forAda);

  expect(events.ofUser({ ...forAda, address: '/user/bob/queue/x' })).toBe(packet);
  const another = events.ofUser({
    ...forAda,
    headers: new Map([...forAda.headers, ['event-type', 'gossip']]),
  });
  expect(textOf(another)).toBe('42["gossip",{"a":1}]');
});

it.each([
  ['JSON as it was said', message('{ "a": 1e400 }', 'news'), '42["news",{ "a": 1e400 }]'],
  ['what only says that it is JSON as text', message('{"a"', 'news'), '42["news","{\\"a\\""]'],
  ['what would end the packet as text', message('1],[2', 'news'), '42["news","1],[2"]'],
  ['text', message('true', undefined, 'text/plain'), '42["message","true"]'],
  ['nothing', message('', 'news'), '42["news",""]'],
  ['a type with quotes', message('1', '"],['), '42["\\"],[",1]'],
])('shows %s', (_, shown, packet) => {
  expect(textOf(new SocketIoEvents().ofUser(shown))).toBe(packet);
});

function textOf(packet: Uint8Array): string {
  return Buffer.from(packet).toString();
}
