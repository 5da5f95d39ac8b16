import type { Http } from './http.js';
import { Problem } from './problem.js';
import type { Demo, Login, OpenLogin, User } from './types.js';

/** Signs in. */
export function login(
  http: Http,
  email: string,
  password: string,
  { stay = false }: { readonly stay?: boolean } = {},
): Promise<Login> {
  return http('/auth/login', { method: 'POST', body: { email, password, ...(stay && { stay }) } });
}

/** Makes an account for a patient. */
export function register(
  http: Http,
  person: { email: string; password: string; name: string },
): Promise<unknown> {
  return http('/auth/register', { method: 'POST', body: person });
}

/** All live connections of the session end as well. */
export function logout(http: Http): Promise<void> {
  return http('/auth/logout', { method: 'POST' });
}

/** The demo users; null on a server that has none. */
export async function demoUsers(http: Http): Promise<Demo | null> {
  try {
    return await http<Demo>('/demo');
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

/** What others see. */
export function changeName(http: Http, name: string): Promise<User> {
  return http('/me', { method: 'PATCH', body: { name } });
}

/** All other logins of the user end. */
export function changePassword(
  http: Http,
  change: { readonly current: string; readonly password: string },
): Promise<void> {
  return http('/me/password', { method: 'PUT', body: change });
}

/** Asks for another address: it gets a link; the answer is the same whether somebody else has it. */
export function askForEmail(
  http: Http,
  change: { readonly email: string; readonly password: string },
): Promise<void> {
  return http('/me/email', { method: 'POST', body: change });
}

/** @param token what stands behind the `#` of the link */
export function confirmEmail(http: Http, token: string): Promise<void> {
  return http('/auth/email', { method: 'POST', body: { token } });
}

/** Asks for a link by mail; the answer is the same whether there is such an account. */
export function forgotPassword(http: Http, email: string): Promise<void> {
  return http('/auth/forgot', { method: 'POST', body: { email } });
}

/** @param token what stands behind the `#` of the link */
export function resetPassword(http: Http, token: string, password: string): Promise<void> {
  return http('/auth/reset', { method: 'POST', body: { token, password } });
}

/** Those that last longest first. */
export async function listLogins(http: Http): Promise<readonly OpenLogin[]> {
  const { items } = await http<{ readonly items: readonly OpenLogin[] }>('/auth/sessions');
  return items;
}

/** What lives on it ends as well, on whichever device. */
export function endLogin(http: Http, id: string): Promise<void> {
  return http(`/auth/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' });
}

/** All but the one that asks. */
export function endOtherLogins(http: Http): Promise<void> {
  return http('/auth/sessions', { method: 'DELETE' });
}
