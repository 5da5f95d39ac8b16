import { useState, type ReactNode } from 'react';
import { minPasswordLength } from '../../../src/clinic/text-lengths.js';
import { confirmEmail, forgotPassword, resetPassword } from '../api/auth.js';
import { hasCode } from '../api/problem.js';
import { useCarillon } from '../app/app-context.js';
import { FormAlert } from '../ui/alert.js';
import { PageLink } from '../ui/page-link.js';
import { NewPasswordField, TextField } from '../ui/text-field.js';
import { useSubmit } from '../ui/use-submit.js';
import { say } from '../words/words.js';
import { Front } from './front.js';

/** Asks for a link to choose a new password. It never says whether there is such an account. */
export function ForgotPage() {
  const { http, logins } = useCarillon();
  const [email, setEmail] = useState(logins.remembered() ?? '');
  const form = useSubmit();
  const ask = form.submit(async () => {
    await forgotPassword(http, email);
    return say('forgot.sent');
  });
  return (
    <LinkPage title={say('signIn.forgot')} done={form.done}>
      <form className="form" onSubmit={ask}>
        <TextField
          label={say('signIn.email')}
          value={email}
          onChange={setEmail}
          type="email"
          autoComplete="username"
        />
        <WideButton isBusy={form.isBusy}>{say('forgot.mail')}</WideButton>
        <FormAlert>{form.failure}</FormAlert>
      </form>
    </LinkPage>
  );
}

/** Where the link leads: a new password for what stands behind the `#`. */
export function ResetPage() {
  const { http } = useCarillon();
  const token = useToken();
  const [password, setPassword] = useState('');
  const form = useSubmit((error) => (isSpent(error) ? say('forgot.spent') : undefined));
  const reset = form.submit(async () => {
    await resetPassword(http, token, password);
    return say('forgot.done');
  });
  return (
    <LinkPage title={say('forgot.choose')} done={form.done}>
      <form className="form" onSubmit={reset}>
        <NewPasswordField
          label={say('signIn.newPassword')}
          value={password}
          onChange={setPassword}
          hint={say('forgot.hint', { length: minPasswordLength })}
        />
        <WideButton isBusy={form.isBusy}>{say('signIn.changePassword')}</WideButton>
        <FormAlert>{form.failure}</FormAlert>
        {isSpent(form.error) && (
          <p>
            <PageLink to="/forgot">{say('forgot.another')}</PageLink>
          </p>
        )}
      </form>
    </LinkPage>
  );
}

/** Where the link in a mail to a new address leads. A click confirms it: programs that look into mails follow links, too. */
export function ConfirmEmailPage() {
  const { http } = useCarillon();
  const token = useToken();
  const form = useSubmit((error) => (isSpent(error) ? say('confirmEmail.spent') : undefined));
  const confirm = form.submit(async () => {
    await confirmEmail(http, token);
    return say('confirmEmail.done');
  });
  return (
    <LinkPage title={say('confirmEmail.title')} done={form.done}>
      <form className="form" onSubmit={confirm}>
        <WideButton isBusy={form.isBusy}>{say('confirmEmail.do')}</WideButton>
        <FormAlert>{form.failure}</FormAlert>
      </form>
    </LinkPage>
  );
}

interface LinkPageProps {
  readonly title: string;
  /** What was done, in place of the form. */
  readonly done: string;
  readonly children: ReactNode;
}

function LinkPage({ title, done, children }: LinkPageProps) {
  return (
    <Front>
      <h1>{title}</h1>
      {done === '' ? children : <p role="status">{done}</p>}
      <p className="muted">
        <PageLink to="/">{say('forgot.back')}</PageLink>
      </p>
    </Front>
  );
}

function WideButton({ isBusy, children }: { readonly isBusy: boolean; readonly children: ReactNode }) {
  return (
    <button type="submit" className="button button--primary button--wide" disabled={isBusy}>
      {children}
    </button>
  );
}

/** What stands behind the `#` of a mailed link. */
function useToken(): string {
  return useState(() => location.hash.slice(1))[0];
}

function isSpent(error: unknown): boolean {
  return hasCode(error, 'auth_failed');
}
