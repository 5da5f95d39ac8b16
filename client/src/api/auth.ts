import type { Http } from './http.js';
import { Problem } from './problem.js';
import type { Demo, Login } from './types.js';

/** Signs in. */
export function login(http: Http, email: string, password: string): Promise<Login> {
  return http('/auth/login', { method: 'POST', body: { email, password } });
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
