import { useState, type FormEvent } from 'react';
import { maxNameLength, minPasswordLength } from '../../../src/clinic/text-lengths.js';
import { changeName, changePassword } from '../api/auth.js';
import { explain, hasCode } from '../api/problem.js';
import { useCarillon, useDesk } from '../app/app-context.js';
import { FormAlert } from '../ui/alert.js';
import { LoginList } from './login-list.js';
import './account.css';
import { say } from '../words/words.js';

/** Who one is, one's password, and where one is signed in. */
export function AccountPage() {
  return (
    <div className="account">
      <h1>{say('menu.account')}</h1>
      <NameForm />
      <PasswordForm />
      <LoginList />
    </div>
  );
}

function NameForm() {
  const { http, session } = useCarillon();
  const { user } = useDesk();
  const [name, setName] = useState(user.name);
  const { failure, done, isBusy, run } = useSaving();
  function submit(event: FormEvent): void {
    event.preventDefault();
    run(async () => {
      session.renamed(await changeName(http, name));
      return say('common.saved');
    });
  }
  return (
    <section className="card account__part" aria-labelledby="account-name">
      <h2 id="account-name">{say('account.you')}</h2>
      <p className="muted words">{user.email}</p>
      <form className="form" onSubmit={submit}>
        <label className="field">
          <span>{say('field.name')}</span>
          <input
            value={name}
            onChange={(event) => setName(event.target.value)}
            autoComplete="name"
            dir="auto"
            required
            maxLength={maxNameLength}
          />
        </label>
        <Submit label={say('account.saveName')} isBusy={isBusy} done={done} />
        <FormAlert>{failure}</FormAlert>
      </form>
    </section>
  );
}

function PasswordForm() {
  const { http } = useCarillon();
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const { failure, done, isBusy, run } = useSaving();
  function submit(event: FormEvent): void {
    event.preventDefault();
    run(async () => {
      await changePassword(http, { current, password });
      setCurrent('');
      setPassword('');
      return say('account.changed');
    });
  }
  return (
    <section className="card account__part" aria-labelledby="account-password">
      <h2 id="account-password">{say('field.password')}</h2>
      <form className="form" onSubmit={submit}>
        <label className="field">
          <span>{say('account.present')}</span>
          <input
            type="password"
            autoComplete="current-password"
            required
            value={current}
            onChange={(event) => setCurrent(event.target.value)}
          />
        </label>
        <label className="field">
          <span>{say('signIn.newPassword')}</span>
          <input
            type="password"
            autoComplete="new-password"
            required
            minLength={minPasswordLength}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            aria-describedby="new-password-hint"
          />
          <small id="new-password-hint" className="muted">
            {say('signIn.atLeast', { length: minPasswordLength })}
          </small>
        </label>
        <Submit label={say('signIn.changePassword')} isBusy={isBusy} done={done} />
        <FormAlert>{failure}</FormAlert>
      </form>
    </section>
  );
}

interface SubmitProps {
  readonly label: string;
  readonly isBusy: boolean;
  readonly done: string;
}

function Submit({ label, isBusy, done }: SubmitProps) {
  return (
    <div className="row">
      <button type="submit" className="button button--primary" disabled={isBusy}>
        {label}
      </button>
      <span role="status" className="muted small">
        {done}
      </span>
    </div>
  );
}

function useSaving() {
  const [failure, setFailure] = useState('');
  const [done, setDone] = useState('');
  const [isBusy, setBusy] = useState(false);
  async function save(work: () => Promise<string>): Promise<void> {
    setBusy(true);
    setFailure('');
    setDone('');
    try {
      setDone(await work());
    } catch (error) {
      setFailure(hasCode(error, 'wrong_password') ? say('account.wrong') : explain(error));
    }
    setBusy(false);
  }
  return { failure, done, isBusy, run: (work: () => Promise<string>) => void save(work) };
}
