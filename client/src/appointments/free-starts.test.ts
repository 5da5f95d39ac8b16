import { expect, it } from 'vitest';
import { freeStarts, nearestStarts, withOwnCells } from './free-starts.js';

function cell(time: string, minutes = 15) {
  const startsAt = `2026-11-23T${time}:00Z`;
  return { startsAt, endsAt: new Date(Date.parse(startsAt) + minutes * 60_000).toISOString() };
}
const times = (starts: readonly string[]) => starts.map((start) => start.slice(11, 16));

it('needs as many free cells in a row as the appointment is long', () => {
  const cells = [cell('09:00'), cell('09:15'), cell('10:00'), cell('10:30'), cell('10:45'), cell('11:00')];

  expect(times(freeStarts(cells, 15))).toEqual(['09:00', '09:15', '10:00', '10:30', '10:45', '11:00']);
  expect(times(freeStarts(cells, 30))).toEqual(['09:00', '10:30', '10:45']);
  expect(times(freeStarts(cells, 45))).toEqual(['10:30']);
  expect(times(freeStarts(cells, 60))).toEqual([]);
});

it('takes slots that are as long as the appointment, overlapping or not', () => {
  const slots = [cell('09:00', 30), cell('09:15', 30), cell('11:00', 30)];

  expect(times(freeStarts(slots, 30))).toEqual(['09:00', '09:15', '11:00']);
});

it('doesn’t mind the order in which cells come', () => {
  expect(times(freeStarts([cell('09:15'), cell('09:00')], 30))).toEqual(['09:00']);
});

it('offers what is nearest to a time that was taken, in the order of the day', () => {
  const starts = ['09:00', '11:00', '13:30', '14:30', '17:00'].map((time) => cell(time).startsAt);

  expect(times(nearestStarts(starts, cell('14:00').startsAt, 3))).toEqual(['11:00', '13:30', '14:30']);
});

it('counts what an appointment holds itself as free for it, once', () => {
  const cells = [cell('09:00'), cell('09:30'), cell('09:45')];
  const own = cell('09:15', 30);

  expect(times(freeStarts(cells, 45))).toEqual([]);
  expect(times(freeStarts(withOwnCells(cells, own), 45))).toEqual(['09:00', '09:15']);
  expect(times(freeStarts(withOwnCells(cells, own), 15))).toEqual(['09:00', '09:15', '09:30', '09:45']);
});
