import { createHttp } from '../api/http.js';
import { indexedDbStores } from '../offline/indexed-db.js';
import { KeptPeople } from '../session/kept-people.js';
import { Renewal } from '../session/renewal.js';
import { browserLoginStorage } from '../session/login-storage.js';
import { Session } from '../session/session.js';
import { shareSession } from '../session/session-channel.js';
import { clock } from '../state/clock.js';
import { createStore } from '../state/store.js';
import { Announcer } from '../toasts/announcer.js';
import { Toasts } from '../toasts/toasts.js';
import type { Carillon } from './app-context.js';
import { keyOf, root } from './root.js';
import { openDesk, type Desk } from './desk.js';

/** Puts the parts together: who signs in gets a desk, who signs out loses it. */
export function createCarillon(): Carillon {
  const logins = browserLoginStorage(sessionStorage, localStorage, keyOf);
  const session = new Session(logins);
  const http = createHttp(new URL('api', root), session, clock);
  const announcer = new Announcer();
  const toasts = new Toasts(announcer);
  const renewal = new Renewal(session, http, Date.now, globalThis.navigator.locks, keyOf('carillon.renewal'));
  shareSession(session, globalThis.BroadcastChannel && new BroadcastChannel(keyOf('carillon.session')));
  const desk = createStore<Desk | null>(null);
  const people = new KeptPeople({
    stores: indexedDbStores(keyOf('carillon.kept')),
    locks: globalThis.navigator.locks,
    lockName: keyOf('carillon.kept'),
    staying: () => logins.staying(),
  });

  function follow(): void {
    const state = session.state.get();
    const before = desk.get();
    const user = state.signedIn ? state.login.user : undefined;
    if (before?.user.id === user?.id && before?.user.name === user?.name) return;
    before?.clear();
    if (before && before.user.id !== user?.id) {
      before.forget();
      const hasEnded = !state.signedIn && state.ending !== null;
      void (hasEnded ? people.forget(`${before.user.id}`) : people.leave(`${before.user.id}`));
    }
    desk.set(
      user
        ? openDesk({
            user,
            http,
            renewal,
            storage: people.enter(`${user.id}`),
            toasts,
            announcer,
            onUnauthorized: (code) => session.rejected(code),
          })
        : null,
    );
  }

  session.state.subscribe(follow);
  follow();
  void people.sweep();
  return { http, session, logins, announcer, desk };
}
