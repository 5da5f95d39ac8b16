import { useState, type FormEvent } from 'react';
import { forgotPassword, resetPassword } from '../api/auth.js';
import { explain, hasCode } from '../api/problem.js';
import { useCarillon } from '../app/app-context.js';
import { go, hrefOf } from '../app/router.js';
import { minPasswordLength } from '../../../src/clinic/text-lengths.js';
import { FormAlert } from '../ui/alert.js';
import { Front } from './front.js';
import { say } from '../words/words.js';

/** Asks for a link to choose a new password. It never says whether there is such an account. */
export function ForgotPage() {
  const { http, logins } = useCarillon();
  const [email, setEmail] = useState(logins.remembered() ?? '');
  const [isSent, setSent] = useState(false);
  const { failure, isBusy, run } = useAct();
  return (
    <Front>
      <h1>{say('signIn.forgot')}</h1>
      {isSent ? (
        <p role="status">{say('forgot.sent')}</p>
      ) : (
        <form
          className="form"
          onSubmit={run(async () => {
            await forgotPassword(http, email);
            setSent(true);
          })}
        >
          <label className="field">
            <span>{say('signIn.email')}</span>
            <input
              type="email"
              autoComplete="username"
              required
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          </label>
          <button type="submit" className="button button--primary button--wide" disabled={isBusy}>
            {say('forgot.mail')}
          </button>
          <FormAlert>{failure}</FormAlert>
        </form>
      )}
      <BackToSignIn />
    </Front>
  );
}

/** Where the link leads: a new password for what stands behind the `#`. */
export function ResetPage() {
  const { http } = useCarillon();
  const [token] = useState(() => location.hash.slice(1));
  const [password, setPassword] = useState('');
  const [isDone, setDone] = useState(false);
  const { failure, isBusy, run } = useAct();
  return (
    <Front>
      <h1>{say('forgot.choose')}</h1>
      {isDone ? (
        <p role="status">{say('forgot.done')}</p>
      ) : (
        <form
          className="form"
          onSubmit={run(async () => {
            await resetPassword(http, token, password);
            setDone(true);
          })}
        >
          <label className="field">
            <span>{say('signIn.newPassword')}</span>
            <input
              type="password"
              autoComplete="new-password"
              required
              minLength={minPasswordLength}
              value={password}
              onChange={(event) => setPassword(event.target.value)}
              aria-describedby="reset-hint"
            />
            <small id="reset-hint" className="muted">
              {say('forgot.hint', { length: minPasswordLength })}
            </small>
          </label>
          <button type="submit" className="button button--primary button--wide" disabled={isBusy}>
            {say('signIn.changePassword')}
          </button>
          <FormAlert>{failure}</FormAlert>
        </form>
      )}
      <BackToSignIn />
    </Front>
  );
}

function BackToSignIn() {
  return (
    <p className="muted">
      <a
        href={hrefOf('/')}
        onClick={(event) => {
          event.preventDefault();
          go('/');
        }}
      >
        {say('forgot.back')}
      </a>
    </p>
  );
}

function useAct() {
  const [failure, setFailure] = useState('');
  const [isBusy, setBusy] = useState(false);
  async function act(work: () => Promise<void>): Promise<void> {
    setBusy(true);
    setFailure('');
    try {
      await work();
    } catch (error) {
      setFailure(hasCode(error, 'auth_failed') ? say('forgot.spent') : explain(error));
    }
    setBusy(false);
  }
  const run = (work: () => Promise<void>) => (event: FormEvent) => {
    event.preventDefault();
    void act(work);
  };
  return { failure, isBusy, run };
}
