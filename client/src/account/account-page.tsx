import { useState } from 'react';
import { maxNameLength } from '../../../src/clinic/text-lengths.js';
import { askForEmail, changeName, changePassword } from '../api/auth.js';
import { hasCode } from '../api/problem.js';
import { useCarillon, useDesk } from '../app/app-context.js';
import { FormAlert } from '../ui/alert.js';
import { NewPasswordField, TextField } from '../ui/text-field.js';
import { useSubmit } from '../ui/use-submit.js';
import { LoginList } from './login-list.js';
import './account.css';
import { say } from '../words/words.js';

/** A person's name, address and password, and where they are signed in. */
export function AccountPage() {
  return (
    <div className="account">
      <h1>{say('menu.account')}</h1>
      <NameForm />
      <EmailForm />
      <PasswordForm />
      <LoginList />
    </div>
  );
}

function NameForm() {
  const { http, session } = useCarillon();
  const { user } = useDesk();
  const [name, setName] = useState(user.name);
  const form = useSubmit();
  const save = form.submit(async () => {
    session.renamed(await changeName(http, name));
    return say('common.saved');
  });
  return (
    <section className="card account__part" aria-labelledby="account-name">
      <h2 id="account-name">{say('account.you')}</h2>
      <form className="form" onSubmit={save}>
        <TextField
          label={say('field.name')}
          value={name}
          onChange={setName}
          autoComplete="name"
          dir="auto"
          maxLength={maxNameLength}
        />
        <Outcome label={say('account.saveName')} form={form} />
      </form>
    </section>
  );
}

/** A link that is mailed to the new address makes it the account's. */
function EmailForm() {
  const { http } = useCarillon();
  const { user } = useDesk();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const form = useSubmit((error) =>
    hasCode(error, 'invalid_request') && email.toLowerCase() === user.email
      ? say('account.sameEmail')
      : ofPassword(error),
  );
  const ask = form.submit(async () => {
    await askForEmail(http, { email, password });
    setEmail('');
    setPassword('');
    return say('account.emailAsked');
  });
  return (
    <section className="card account__part" aria-labelledby="account-email">
      <h2 id="account-email">{say('account.email')}</h2>
      <p className="muted words">{user.email}</p>
      <form className="form" onSubmit={ask}>
        <TextField
          label={say('account.newEmail')}
          value={email}
          onChange={setEmail}
          type="email"
          autoComplete="email"
          hint={say('account.emailHint')}
        />
        <PresentPassword value={password} onChange={setPassword} />
        <Outcome label={say('account.changeEmail')} form={form} />
      </form>
    </section>
  );
}

function PasswordForm() {
  const { http } = useCarillon();
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const form = useSubmit(ofPassword);
  const change = form.submit(async () => {
    await changePassword(http, { current, password });
    setCurrent('');
    setPassword('');
    return say('account.changed');
  });
  return (
    <section className="card account__part" aria-labelledby="account-password">
      <h2 id="account-password">{say('field.password')}</h2>
      <form className="form" onSubmit={change}>
        <PresentPassword value={current} onChange={setCurrent} />
        <NewPasswordField label={say('signIn.newPassword')} value={password} onChange={setPassword} />
        <Outcome label={say('signIn.changePassword')} form={form} />
      </form>
    </section>
  );
}

function PresentPassword(field: { readonly value: string; readonly onChange: (value: string) => void }) {
  return (
    <TextField {...field} label={say('account.present')} type="password" autoComplete="current-password" />
  );
}

function ofPassword(error: unknown): string | undefined {
  return hasCode(error, 'wrong_password') ? say('account.wrong') : undefined;
}

interface OutcomeProps {
  readonly label: string;
  readonly form: Pick<ReturnType<typeof useSubmit>, 'isBusy' | 'done' | 'failure'>;
}

function Outcome({ label, form: { isBusy, done, failure } }: OutcomeProps) {
  return (
    <>
      <div className="row">
        <button type="submit" className="button button--primary" disabled={isBusy}>
          {label}
        </button>
        <span role="status" className="muted small">
          {done}
        </span>
      </div>
      <FormAlert>{failure}</FormAlert>
    </>
  );
}
