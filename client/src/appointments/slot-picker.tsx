import { useMemo } from 'react';
import { useDesk } from '../app/app-context.js';
import { clock } from '../state/clock.js';
import { useStore } from '../state/use-store.js';
import { clockTime } from '../time/clock-time.js';
import { dayOf, longDay, nearDay, shiftDay, type Day } from '../time/day.js';
import { ownTime } from '../time/own-time.js';
import { zoneNote } from '../time/zone-note.js';
import { Icon } from '../ui/icon.js';
import { Empty, LoadError, Skeleton } from '../ui/list-states.js';
import { freeStarts, nearestStarts } from './free-starts.js';
import type { FreeSlots } from './use-free-slots.js';
import './slot-picker.css';
import { say } from '../words/words.js';

interface SlotPickerProps {
  readonly free: FreeSlots;
  readonly day: Day;
  readonly onDay: (day: Day) => void;
  readonly durationMinutes: number;
  readonly chosen: string | null;
  /** Whether a chosen time that isn’t free any more was taken by somebody else, as far as one can know. */
  readonly isTakenByOthers: boolean;
  readonly onChoose: (startsAt: string) => void;
}

/** A day and one of its free times. A chosen time that is taken meanwhile stays chosen, and is explained. */
export function SlotPicker({ day, onDay, ...times }: SlotPickerProps) {
  const clinic = useStore(useDesk().clinic);
  const today = dayOf(clock.now(), clinic?.zone);
  return (
    <>
      <div className="field">
        <label htmlFor="slot-date">{say('slots.date')}</label>
        <div className="date-row">
          <button
            type="button"
            className="icon-button icon-button--framed"
            aria-label={say('day.previous')}
            disabled={day <= today}
            onClick={() => onDay(shiftDay(day, -1))}
          >
            <Icon name="arrowLeft" />
          </button>
          <input
            id="slot-date"
            type="date"
            required
            min={today}
            max={clinic?.lastDay}
            value={day}
            onChange={(event) => {
              if (event.target.value !== '') onDay(event.target.value);
            }}
          />
          <button
            type="button"
            className="icon-button icon-button--framed"
            aria-label={say('day.next')}
            disabled={clinic !== undefined && day >= clinic.lastDay}
            onClick={() => onDay(shiftDay(day, 1))}
          >
            <Icon name="arrowRight" />
          </button>
        </div>
        <p className="date-row__words muted">
          {[nearDay(day, today), longDay(day, today)].filter(Boolean).join(', ')}
        </p>
      </div>
      <Times {...times} />
    </>
  );
}

type TimesProps = Omit<SlotPickerProps, 'day' | 'onDay'>;

function Times({ free, durationMinutes, chosen, isTakenByOthers, onChoose }: TimesProps) {
  const { slots, error, reload } = free;
  const starts = useMemo(
    () => (slots ? future(freeStarts(slots.items, durationMinutes)) : []),
    [slots, durationMinutes],
  );
  if (!slots) {
    return error === null ? (
      <Skeleton label={say('slots.loading')} rows={2} />
    ) : (
      <LoadError text={error} onRetry={reload} />
    );
  }
  const note = starts[0] === undefined ? undefined : zoneNote(slots.zone, Date.parse(starts[0]));
  const own = chosen === null ? undefined : ownTime(chosen, slots.zone);
  const isTaken = isTakenByOthers && chosen !== null && !starts.includes(chosen);
  return (
    <div>
      <div role="status">
        {isTaken && <Taken chosen={chosen} starts={starts} zone={slots.zone} onChoose={onChoose} />}
      </div>
      {starts.length === 0 ? (
        <Empty icon="calendar" title={say('slots.none')}>
          <p className="muted">{say('slots.noneHint')}</p>
        </Empty>
      ) : (
        <fieldset className="times">
          <legend>{say('slots.free')}</legend>
          {note !== undefined && <p className="muted small">{note}</p>}
          {halves(starts, slots.zone).map(({ label, starts: ofHalf }) => (
            <div key={label} role="group" aria-label={label} className="times__half">
              <p className="muted small" aria-hidden="true">
                {label}
              </p>
              <div className="times__grid">
                {ofHalf.map((start) => (
                  <label key={start} className="time">
                    <input
                      type="radio"
                      name="start"
                      value={start}
                      checked={start === chosen}
                      onChange={() => onChoose(start)}
                    />
                    <span>{clockTime(start, slots.zone)}</span>
                  </label>
                ))}
              </div>
            </div>
          ))}
          {own !== undefined && <p className="muted small">{say('slots.own', { time: own })}</p>}
        </fieldset>
      )}
    </div>
  );
}

interface TakenProps {
  readonly chosen: string;
  readonly starts: readonly string[];
  readonly zone: string;
  readonly onChoose: (startsAt: string) => void;
}

function Taken({ chosen, starts, zone, onChoose }: TakenProps) {
  const near = nearestStarts(starts, chosen, 3);
  return (
    <div className="taken">
      <p>
        <strong>{say('slots.taken', { time: clockTime(chosen, zone) })}</strong>{' '}
        {near.length > 0 && say('slots.nearby')}
      </p>
      <div className="row">
        {near.map((start) => (
          <button key={start} type="button" className="button button--small" onClick={() => onChoose(start)}>
            {clockTime(start, zone)}
          </button>
        ))}
      </div>
    </div>
  );
}

/** The morning and the afternoon, as far as there is something in them. */
function halves(starts: readonly string[], zone: string) {
  const isMorning = (start: string) => clockTime(start, zone) < '12:00';
  return [
    { label: say('slots.morning'), starts: starts.filter(isMorning) },
    { label: say('slots.afternoon'), starts: starts.filter((start) => !isMorning(start)) },
  ].filter((half) => half.starts.length > 0);
}

function future(starts: readonly string[]): readonly string[] {
  return starts.filter((start) => Date.parse(start) > clock.now());
}
