import type { ServerClock } from '../state/clock.js';
import { Problem, Unreachable, type FieldError } from './problem.js';

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Asks the REST API. Resolves with the JSON of the answer, undefined for 204. */
export type Http = <T>(path: string, call?: Call) => Promise<T>;

export interface Credentials {
  token(): string | undefined;
  /** A request with the token was answered 401. */
  rejected(code: string): void;
}

/**
 * @param api where the API is
 * @param clock hears what time it is there
 * @throws {Problem} for a refusal, {Unreachable} when there was no answer
 */
export function createHttp(api: URL, credentials: Credentials, clock: Pick<ServerClock, 'learn'>): Http {
  return async <T>(path: string, call: Call = {}) => {
    const token = credentials.token();
    const response = await send(api, path, call, token);
    clock.learn(response.headers.get('Date'));
    if (response.ok) return (await parse(response, isChange(path, call))) as T;

    const problem = await problemOf(response);
    if (response.status === 401 && token !== undefined && token === credentials.token()) {
      credentials.rejected(problem.code);
    }
    throw problem;
  };
}

async function send(api: URL, path: string, call: Call, token: string | undefined): Promise<Response> {
  const headers = new Headers(call.headers);
  headers.set('Accept', 'application/json');
  if (token !== undefined) headers.set('Authorization', `Bearer ${token}`);
  if (call.body !== undefined) headers.set('Content-Type', 'application/json');
  try {
    return await fetch(api.href + path, {
      method: call.method ?? 'GET',
      headers,
      ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      ...(call.signal && { signal: call.signal }),
    });
  } catch (cause) {
    if (call.signal?.aborted === true) throw cause;
    throw new Unreachable(isChange(path, call), { cause });
  }
}

/** Signing in or out leaves nothing that could be done twice. */
function isChange(path: string, { method = 'GET' }: Call): boolean {
  return method !== 'GET' && !path.startsWith('/auth/');
}

async function parse(response: Response, mayHaveChanged: boolean): Promise<unknown> {
  if (response.status === 204) return undefined;
  try {
    return await response.json();
  } catch (cause) {
    // A 202 may come without a body; a page where JSON belongs is some proxy's.
    if (response.status === 202) return undefined;
    throw new Unreachable(mayHaveChanged, { cause });
  }
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    const body = (await response.json()) as Record<'code' | 'detail' | 'title' | 'errors', unknown>;
    return new Problem(
      response.status,
      typeof body.code === 'string' ? body.code : 'unknown',
      [body.detail, body.title].find((text) => typeof text === 'string') ??
        `The server answered ${response.status}.`,
      Array.isArray(body.errors) ? body.errors.filter(isFieldError) : [],
    );
  } catch {
    // Not JSON: an answer by something between us and the server. Its status is all there is to say.
    return new Problem(
      response.status,
      response.status >= 500 ? 'unavailable' : 'unknown',
      `The server answered ${response.status}.`,
    );
  }
}

function isFieldError(value: unknown): value is FieldError {
  const { path, message } = Object(value) as Partial<Record<keyof FieldError, unknown>>;
  return typeof path === 'string' && typeof message === 'string';
}
