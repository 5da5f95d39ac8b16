import { describe, expect, it } from 'vitest';
import { editedWeek, faultOf, itemsOf, withOneMore } from './edited-week.js';

describe('a week that is edited', () => {
  const items = [
    { day: 'mon', from: '08:00', to: '12:00' },
    { day: 'mon', from: '14:00', to: '24:00' },
    { day: 'sun', from: '10:00', to: '11:00' },
  ] as const;

  it('is the same again when nothing was edited', () => {
    expect(itemsOf(editedWeek(items))).toEqual(items);
  });

  it.each([
    [[{ from: '08:00', to: '00:00' }], undefined],
    [
      [
        { from: '14:00', to: '16:00' },
        { from: '08:00', to: '14:00' },
      ],
      undefined,
    ],
    [[{ from: '08:00', to: '08:00' }], 'A time ends before it starts.'],
    [[{ from: '', to: '08:00' }], 'Each time needs a start and an end.'],
    [[{ from: '08:10', to: '09:00' }], 'Times are on quarters of an hour.'],
    [
      [
        { from: '08:00', to: '12:00' },
        { from: '11:00', to: '13:00' },
      ],
      'Two times overlap.',
    ],
  ])('is wrong or not: %j', (times, fault) => {
    expect(faultOf(times)).toBe(fault);
  });

  it('gets a time that fits', () => {
    expect(faultOf(withOneMore(withOneMore([])))).toBeUndefined();
    expect(faultOf(withOneMore([{ from: '08:00', to: '23:00' }]))).toBeUndefined();
  });
});
