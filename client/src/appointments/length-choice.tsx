const lengths = [15, 30, 45, 60];

interface LengthChoiceProps {
  readonly minutes: number;
  readonly onChange: (minutes: number) => void;
}

export function LengthChoice({ minutes, onChange }: LengthChoiceProps) {
  const offered = lengths.includes(minutes) ? lengths : [...lengths, minutes];
  return (
    <fieldset className="segments">
      <legend>Length</legend>
      {offered.map((length) => (
        <label key={length} className="segment">
          <input type="radio" name="length" checked={length === minutes} onChange={() => onChange(length)} />
          <span>{length} min</span>
        </label>
      ))}
    </fieldset>
  );
}
