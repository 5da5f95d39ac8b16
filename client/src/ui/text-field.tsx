import { useId, type InputHTMLAttributes } from 'react';
import { minPasswordLength } from '../../../src/clinic/text-lengths.js';
import { say } from '../words/words.js';

interface TextFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'value' | 'onChange'> {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string;
}

/** A field that has to be filled in, with its name, and a hint below it. */
export function TextField({ label, value, onChange, hint, ...input }: TextFieldProps) {
  const id = useId();
  return (
    <label className="field">
      <span>{label}</span>
      <input
        required
        {...input}
        value={value}
        aria-describedby={hint === undefined ? undefined : id}
        onChange={(event) => onChange(event.target.value)}
      />
      {hint !== undefined && (
        <small id={id} className="muted">
          {hint}
        </small>
      )}
    </label>
  );
}

/** A password that is to be. */
export function NewPasswordField({
  label,
  hint = say('signIn.atLeast', { length: minPasswordLength }),
  ...field
}: Pick<TextFieldProps, 'label' | 'value' | 'onChange' | 'hint'>) {
  return (
    <TextField
      {...field}
      label={label}
      type="password"
      autoComplete="new-password"
      minLength={minPasswordLength}
      hint={hint}
    />
  );
}
