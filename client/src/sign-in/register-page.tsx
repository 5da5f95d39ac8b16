import { useState, type FormEvent } from 'react';
import { maxNameLength, minPasswordLength } from '../../../src/clinic/text-lengths.js';
import { useCarillon } from '../app/app-context.js';
import { go, hrefOf } from '../app/router.js';
import { login, register } from '../api/auth.js';
import { explain } from '../api/problem.js';
import { FormAlert } from '../ui/alert.js';
import { Front } from './front.js';
import { say } from '../words/words.js';

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
      <h1>{say('signIn.register')}</h1>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <label className="field">
          <span>{say('signIn.name')}</span>
          <input
            value={name}
            onChange={(event) => setName(event.target.value)}
            autoComplete="name"
            dir="auto"
            required
            maxLength={maxNameLength}
          />
        </label>
        <label className="field">
          <span>{say('signIn.email')}</span>
          <input
            value={email}
            onChange={(event) => setEmail(event.target.value)}
            type="email"
            autoComplete="username"
            required
          />
        </label>
        <label className="field">
          <span>{say('signIn.password')}</span>
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
            {say('signIn.atLeast', { length: minPasswordLength })}
          </small>
        </label>
        <button type="submit" className="button button--primary button--wide" disabled={isBusy}>
          {isBusy ? say('register.busy') : say('register.do')}
        </button>
        <FormAlert>{failure}</FormAlert>
      </form>
      <p className="muted">
        {say('register.already')}{' '}
        <a
          href={hrefOf('/')}
          onClick={(event) => {
            event.preventDefault();
            go('/');
          }}
        >
          {say('signIn.signIn')}
        </a>
      </p>
    </Front>
  );
}
