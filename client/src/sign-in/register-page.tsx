import { useState, type FormEvent } from 'react';
import { maxNameLength, minPasswordLength } from '../../../src/clinic/text-lengths.js';
import { useCarillon } from '../app/app-context.js';
import { go, hrefOf } from '../app/router.js';
import { login, register } from '../api/auth.js';
import { explain } from '../api/problem.js';
import { FormAlert } from '../ui/alert.js';
import { Front } from './front.js';

/** Registers a patient and signs them in. */
export function RegisterPage() {
  const { http, session } = useCarillon();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [failure, setFailure] = useState('');
  const [isBusy, setBusy] = useState(false);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setFailure('');
    try {
      await register(http, { name, email, password });
      const signedIn = await login(http, email, password);
      go('/');
      session.begin(signedIn);
    } catch (error) {
      setFailure(explain(error));
      setBusy(false);
    }
  }

  return (
    <Front>
      <h1>Register as a patient</h1>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <label className="field">
          <span>Name</span>
          <input
            value={name}
            onChange={(event) => setName(event.target.value)}
            autoComplete="name"
            required
            maxLength={maxNameLength}
          />
        </label>
        <label className="field">
          <span>E-mail</span>
          <input
            value={email}
            onChange={(event) => setEmail(event.target.value)}
            type="email"
            autoComplete="username"
            required
          />
        </label>
        <label className="field">
          <span>Password</span>
          <input
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            type="password"
            autoComplete="new-password"
            required
            minLength={minPasswordLength}
            aria-describedby="password-hint"
          />
          <small id="password-hint" className="muted">
            At least {minPasswordLength} characters
          </small>
        </label>
        <button type="submit" className="button button--primary button--wide" disabled={isBusy}>
          {isBusy ? 'Registering' : 'Register'}
        </button>
        <FormAlert>{failure}</FormAlert>
      </form>
      <p className="muted">
        Already registered?{' '}
        <a
          href={hrefOf('/')}
          onClick={(event) => {
            event.preventDefault();
            go('/');
          }}
        >
          Sign in
        </a>
      </p>
    </Front>
  );
}
