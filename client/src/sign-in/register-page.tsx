import { useState } from 'react';
import { maxNameLength } from '../../../src/clinic/text-lengths.js';
import { useCarillon } from '../app/app-context.js';
import { go } from '../app/router.js';
import { login, register } from '../api/auth.js';
import { FormAlert } from '../ui/alert.js';
import { PageLink } from '../ui/page-link.js';
import { NewPasswordField, TextField } from '../ui/text-field.js';
import { useSubmit } from '../ui/use-submit.js';
import { Front } from './front.js';
import { say } from '../words/words.js';

/** Registers a patient and signs them in. */
export function RegisterPage() {
  const { http, session } = useCarillon();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const form = useSubmit();
  const signUp = form.submit(async () => {
    await register(http, { name, email, password });
    const signedIn = await login(http, email, password);
    go('/');
    session.begin(signedIn);
  });

  return (
    <Front>
      <h1>{say('signIn.register')}</h1>
      <form className="form" onSubmit={signUp}>
        <TextField
          label={say('signIn.name')}
          value={name}
          onChange={setName}
          autoComplete="name"
          dir="auto"
          maxLength={maxNameLength}
        />
        <TextField
          label={say('signIn.email')}
          value={email}
          onChange={setEmail}
          type="email"
          autoComplete="username"
        />
        <NewPasswordField label={say('signIn.password')} value={password} onChange={setPassword} />
        <button type="submit" className="button button--primary button--wide" disabled={form.isBusy}>
          {form.isBusy ? say('register.busy') : say('register.do')}
        </button>
        <FormAlert>{form.failure}</FormAlert>
      </form>
      <p className="muted">
        {say('register.already')} <PageLink to="/">{say('signIn.signIn')}</PageLink>
      </p>
    </Front>
  );
}
