import { randomUUID } from 'node:crypto';

/** The REST API as one of its users calls it. */
export interface Caller {
  readonly token: string;
  readonly user: {
    readonly id: number;
    readonly email: string;
    readonly name: string;
    readonly role: string;
  };
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<T>;
  put<T>(path: string, body: unknown): Promise<T>;
}

/** Signs a demo user in. */
export async function signIn(url: string, email: string, password = 'carillon'): Promise<Caller> {
  const { token, user } = await call<Pick<Caller, 'token' | 'user'>>(`${url}/api/auth/login`, {
    method: 'POST',
    body: { email, password },
  });
  return {
    token,
    user,
    get: (path) => call(`${url}${path}`, { method: 'GET', token }),
    post: (path, body, headers) => call(`${url}${path}`, { method: 'POST', token, body, headers }),
    put: (path, body) => call(`${url}${path}`, { method: 'PUT', token, body }),
  };
}

/** As a client behind a balancer writes: where no answer came, again with the same key, which makes one of the two. */
export async function postWithKey(caller: Caller, path: string, body: unknown): Promise<void> {
  const key = { 'Idempotency-Key': randomUUID() };
  const post = () => caller.post(path, body, key);
  await post().catch((error: unknown) => {
    if (!(error instanceof TypeError)) throw error;
    return post();
  });
}

interface Call {
  readonly method: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** @throws {Error} with the problem, unless the answer is 2xx */
async function call<T>(url: string, { method, token, body, headers }: Call): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: {
      ...headers,
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}
