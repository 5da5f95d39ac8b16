import { createContext, use } from 'react';
import type { Http } from '../api/http.js';
import type { LoginStorage } from '../session/login-storage.js';
import type { Session } from '../session/session.js';
import type { Readable } from '../state/store.js';
import type { Announcer } from '../toasts/announcer.js';
import type { Desk } from './desk.js';

/** What every page can reach. Made once, outside of React, so StrictMode's second mount opens no second socket. */
export interface Carillon {
  readonly http: Http;
  readonly session: Session;
  readonly logins: LoginStorage;
  readonly announcer: Announcer;
  /** Null while nobody is signed in. */
  readonly desk: Readable<Desk | null>;
}

/** The application, for its components. */
export const CarillonContext = createContext<Carillon | null>(null);
/** What a signed-in person works with, for components. */
export const DeskContext = createContext<Desk | null>(null);

/** The application. */
export function useCarillon(): Carillon {
  const carillon = use(CarillonContext);
  if (!carillon) throw new Error('Outside of the application.');
  return carillon;
}

/** What the signed-in person works with. */
export function useDesk(): Desk {
  const desk = use(DeskContext);
  if (!desk) throw new Error('Nobody is signed in.');
  return desk;
}
