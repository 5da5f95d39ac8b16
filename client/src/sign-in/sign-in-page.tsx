import { useState, type FormEvent } from 'react';
import { useCarillon } from '../app/app-context.js';
import { login } from '../api/auth.js';
import { explain, hasCode } from '../api/problem.js';
import { useStore } from '../state/use-store.js';
import { FormAlert } from '../ui/alert.js';
import { PageLink } from '../ui/page-link.js';
import { TextField } from '../ui/text-field.js';
import { DemoCards } from './demo-cards.js';
import { Front } from './front.js';
import { say } from '../words/words.js';

/** Beside whose button it is said. */
interface Failure {
  readonly of: 'cards' | 'form';
  readonly text: string;
}

export function SignInPage() {
  const { http, session } = useCarillon();
  const state = useStore(session.state);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isBusy, setBusy] = useState(false);

  async function signIn(of: Failure['of'], email: string, password: string, stays = false): Promise<void> {
    setBusy(true);
    setFailure(null);
    try {
      session.begin(await login(http, email, password, { stay: stays }), { stays });
    } catch (error) {
      const text = hasCode(error, 'auth_failed') ? say('signIn.wrong') : explain(error);
      setFailure({ of, text });
      setBusy(false);
    }
  }

  return (
    <Front>
      {!state.signedIn && state.ending !== null && (
        <p role="status" className="notice-line">
          {say(`signIn.ended.${state.ending}`)}
        </p>
      )}
      <h1>{say('signIn.signIn')}</h1>
      <DemoCards
        isBusy={isBusy}
        failure={failure?.of === 'cards' ? failure.text : ''}
        onChoose={(email, password) => void signIn('cards', email, password)}
      />
      <SignInForm
        isBusy={isBusy}
        failure={failure?.of === 'form' ? failure.text : ''}
        onSubmit={(email, password, stays) => void signIn('form', email, password, stays)}
      />
      <p className="muted">
        {say('signIn.new')} <PageLink to="/register">{say('signIn.register')}</PageLink>
      </p>
    </Front>
  );
}

interface SignInFormProps {
  readonly isBusy: boolean;
  readonly failure: string;
  readonly onSubmit: (email: string, password: string, stays: boolean) => void;
}

function SignInForm({ isBusy, failure, onSubmit }: SignInFormProps) {
  const { logins } = useCarillon();
  const [email, setEmail] = useState(logins.remembered() ?? '');
  const [password, setPassword] = useState('');
  const [stays, setStays] = useState(false);

  function submit(event: FormEvent): void {
    event.preventDefault();
    onSubmit(email, password, stays);
  }

  return (
    <form className="form" onSubmit={submit}>
      <TextField
        label={say('signIn.email')}
        value={email}
        onChange={setEmail}
        type="email"
        autoComplete="username"
      />
      <TextField
        label={say('signIn.password')}
        value={password}
        onChange={setPassword}
        type="password"
        autoComplete="current-password"
      />
      <div className="row sign-in__more">
        <label className="sign-in__stay">
          <input type="checkbox" checked={stays} onChange={(event) => setStays(event.target.checked)} />
          <span>{say('signIn.stay')}</span>
        </label>
        <PageLink to="/forgot">{say('signIn.forgot')}</PageLink>
      </div>
      <button type="submit" className="button button--primary button--wide" disabled={isBusy}>
        {isBusy ? say('signIn.busy') : say('signIn.signIn')}
      </button>
      <FormAlert>{failure}</FormAlert>
    </form>
  );
}
