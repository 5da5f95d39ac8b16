import type { Change } from './change.js';

/** Minutes before the start. */
const choices: readonly (readonly [number, string])[] = [
  [7 * 1_440, '1 week'],
  [2 * 1_440, '2 days'],
  [1_440, '1 day'],
  [240, '4 hours'],
  [120, '2 hours'],
  [60, '1 hour'],
  [30, '30 minutes'],
];
const most = 5;

interface RemindersProps {
  readonly offsets: readonly number[];
  readonly change: Change;
}

export function Reminders({ offsets, change }: RemindersProps) {
  const others = offsets.filter((offset) => !choices.some(([minutes]) => minutes === offset));
  const all = [...choices, ...others.map((minutes) => [minutes, `${minutes} minutes`] as const)];
  const isFull = offsets.length >= most;
  return (
    <fieldset className="reminders">
      <legend className="muted">Before an appointment, up to five times</legend>
      {all.map(([minutes, label]) => {
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
            {label}
          </label>
        );
      })}
    </fieldset>
  );
}
