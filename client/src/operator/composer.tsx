import { useState, type FormEvent } from 'react';
import { useDesk } from '../app/app-context.js';
import { announce } from '../api/announcements.js';
import { explain } from '../api/problem.js';
import { FormAlert } from '../ui/alert.js';
import { Icon } from '../ui/icon.js';
import { say } from '../words/words.js';

/** It is read at a glance, where it pops up; the API takes more. */
const maxLength = 300;

/** Rings at everybody who is connected, and at the others when they come back; it can be read again under the bell. */
export function Composer() {
  const { http } = useDesk();
  const [message, setMessage] = useState('');
  const [outcome, setOutcome] = useState('');
  const [failure, setFailure] = useState('');
  const [isBusy, setBusy] = useState(false);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setFailure('');
    setOutcome('');
    try {
      await announce(http, message.trim());
      setMessage('');
      setOutcome(say('composer.done'));
    } catch (error) {
      setFailure(explain(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <section aria-labelledby="composer-title" className="card composer">
      <h2 id="composer-title">{say('composer.title')}</h2>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <label className="field">
          <span className="sr-only">{say('field.message')}</span>
          <textarea
            dir="auto"
            rows={3}
            required
            maxLength={maxLength}
            placeholder={say('composer.example')}
            value={message}
            aria-describedby="composer-hint"
            onChange={(event) => setMessage(event.target.value)}
          />
        </label>
        <p id="composer-hint" className="muted small">
          {say('composer.hint')}
        </p>
        <FormAlert>{failure}</FormAlert>
        <div className="row">
          <button type="submit" className="button button--primary" disabled={isBusy || message.trim() === ''}>
            <Icon name="megaphone" size={18} />
            {say('composer.do')}
          </button>
          <span role="status" className="small">
            {outcome}
          </span>
        </div>
      </form>
    </section>
  );
}
