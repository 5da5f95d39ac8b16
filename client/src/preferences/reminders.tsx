import type { Change } from './change.js';
import { say } from '../words/words.js';

/** Minutes before the start. */
const choices = [7 * 1_440, 2 * 1_440, 1_440, 240, 120, 60, 30];
const most = 5;

interface RemindersProps {
  readonly offsets: readonly number[];
  readonly change: Change;
}

export function Reminders({ offsets, change }: RemindersProps) {
  const all = [...new Set([...choices, ...offsets])];
  const isFull = offsets.length >= most;
  return (
    <fieldset className="reminders">
      <legend className="muted">{say('reminders.legend')}</legend>
      {all.map((minutes) => {
        const isOn = offsets.includes(minutes);
        return (
          <label key={minutes} className="reminders__choice">
            <input
              type="checkbox"
              checked={isOn}
              disabled={!isOn && isFull}
              onChange={() =>
                change({
                  reminderOffsets: isOn
                    ? offsets.filter((offset) => offset !== minutes)
                    : [...offsets, minutes].toSorted((a, b) => b - a),
                })
              }
            />
            {words(minutes)}
          </label>
        );
      })}
    </fieldset>
  );
}

/** In the largest unit that is whole: "2 hours". */
function words(minutes: number): string {
  const [unit = 'minute', length = 1] =
    Object.entries({ week: 10_080, day: 1_440, hour: 60 }).find(([, of]) => minutes % of === 0) ?? [];
  return say('reminders.before', { unit, count: minutes / length });
}
