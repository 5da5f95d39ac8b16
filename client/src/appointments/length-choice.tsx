import { say } from '../words/words.js';

const lengths = [15, 30, 45, 60];

interface LengthChoiceProps {
  readonly minutes: number;
  readonly onChange: (minutes: number) => void;
}

export function LengthChoice({ minutes, onChange }: LengthChoiceProps) {
  const offered = lengths.includes(minutes) ? lengths : [...lengths, minutes];
  return (
    <fieldset className="segments">
      <legend>{say('field.durationMinutes')}</legend>
      {offered.map((length) => (
        <label key={length} className="segment">
          <input type="radio" name="length" checked={length === minutes} onChange={() => onChange(length)} />
          <span>{say('length.minutes', { length })}</span>
        </label>
      ))}
    </fieldset>
  );
}
