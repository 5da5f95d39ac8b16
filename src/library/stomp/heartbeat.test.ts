import { expect, it } from 'vitest';
import { limits } from '../limits.js';
import { negotiateHeartbeat } from './heartbeat.js';

// STOMP 1.2, Heart-beating, with what the server can do and wants: 1000 to 10000 ms.
it.each([
  // theirs, CONNECTED's header, our beats, their beats
  ['0,0', '10000,10000', 0, 0],
  ['10000,10000', '10000,10000', 10_000, 10_000],
  ['5000,4000', '4000,5000', 4000, 5000],
  ['0,4000', '4000,10000', 4000, 0],
  ['5000,0', '10000,5000', 0, 5000],
  ['1,1', '1000,1000', 1000, 1000],
  ['999,1000', '1000,1000', 1000, 1000],
  ['60000,30000', '10000,10000', 30_000, 60_000],
  ['999999999,999999999', '10000,10000', 999_999_999, 999_999_999],
  ['007,0', '10000,1000', 0, 1000],
  ['10000, 10000', '10000,10000', 10_000, 10_000],
  [' 10000 ,\t5000 ', '5000,10000', 5_000, 10_000],
  ['000000000010000,0', '10000,10000', 0, 10_000],
])('a client of heart-beat:%s is told %s', (theirs, header, sendEveryMs, expectEveryMs) => {
  expect(negotiateHeartbeat(theirs, limits)).toEqual({ header, sendEveryMs, expectEveryMs });
});

it('takes a client without the header for one of heart-beat:0,0', () => {
  expect(negotiateHeartbeat(undefined, limits)).toEqual(negotiateHeartbeat('0,0', limits));
});

it.each([
  ...['', '0', ',', '0,', ',0', '0,0,0', '0 0', '0;0', 'a,b', '-1,0', '0,-1', '1.5,0', '1e3,0', '+1,0'],
  ...[
    '0,0\n',
    '0,0\r',
    '1 0,0',
    '+ 1,0',
    '-0,0',
    '0,0,',
    ' , ',
    '\u00a00,0',
    'NaN,0',
    'Infinity,0',
    '0x10,0',
    '١,٢',
    '1000000000,0',
    '0,1000000000',
  ],
])('refuses heart-beat:%j', (theirs) => {
  expect(() => negotiateHeartbeat(theirs, limits)).toThrow(
    expect.objectContaining({ code: 'invalid_header' }),
  );
});
