import { useCallback, useEffect, useState } from 'react';
import { endLogin, endOtherLogins, listLogins } from '../api/auth.js';
import { explain } from '../api/problem.js';
import type { OpenLogin } from '../api/types.js';
import { useCarillon } from '../app/app-context.js';
import { formatter } from '../time/day.js';
import { FormAlert } from '../ui/alert.js';
import { deviceWords } from './device-words.js';
import { locale, say } from '../words/words.js';

/** Where one is signed in, and "sign out there". */
export function LoginList() {
  const { http } = useCarillon();
  const [logins, setLogins] = useState<readonly OpenLogin[] | null>(null);
  const [failure, setFailure] = useState('');

  const load = useCallback(
    async (act?: () => Promise<void>): Promise<void> => {
      try {
        await act?.();
        setLogins(await listLogins(http));
        setFailure('');
      } catch (error) {
        setFailure(explain(error));
      }
    },
    [http],
  );
  useEffect(() => void load(), [load]);

  const others = logins?.filter(({ isCurrent }) => !isCurrent) ?? [];
  return (
    <section className="card account__part" aria-labelledby="account-logins" aria-busy={logins === null}>
      <h2 id="account-logins">{say('logins.title')}</h2>
      <ul className="account__logins">
        {logins?.map((login) => (
          <li key={login.id} className="account__login">
            <span>
              <span className="words">{deviceWords(login.device)}</span>
              <span className="muted small account__since">{since(login)}</span>
            </span>
            {login.isCurrent ? (
              <span className="muted">{say('logins.here')}</span>
            ) : (
              <button
                type="button"
                className="button button--small"
                aria-label={say('logins.outOf', { device: deviceWords(login.device), since: since(login) })}
                onClick={() => void load(() => endLogin(http, login.id))}
              >
                {say('logins.out')}
              </button>
            )}
          </li>
        ))}
      </ul>
      {others.length > 1 && (
        <button type="button" className="button" onClick={() => void load(() => endOtherLogins(http))}>
          {say('logins.outAll')}
        </button>
      )}
      <FormAlert>{failure}</FormAlert>
    </section>
  );
}

function since({ openedAt, stays }: OpenLogin): string {
  const time = openedAt === null ? say('logins.someTime') : say('logins.since', { when: format(openedAt) });
  return stays ? say('logins.stays', { time }) : time;
}

function format(instant: string): string {
  return formatter(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(Date.parse(instant));
}
