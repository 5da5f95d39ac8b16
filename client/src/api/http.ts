import type { ServerClock } from '../state/clock.js';
import { Problem, Unreachable, type Consequence, type FieldError } from './problem.js';
import { say } from '../words/words.js';

/** One request. */
export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  /** The Idempotency-Key: what has one is sent again when its answer was lost. */
  readonly key?: string;
  /** The ETag of what is to be changed: what somebody changed since is refused. */
  readonly ifMatch?: string;
  /** What the answer is, if not JSON. */
  readonly as?: 'text';
  readonly signal?: AbortSignal;
}

/** Asks the REST API. Resolves with the JSON of the answer, undefined for 204. */
export type Http = <T>(path: string, call?: Call) => Promise<T>;

/** Where a request takes its token from. */
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
    const response = await sendSurely(api, path, call, token);
    clock.learn(response.headers.get('Date'));
    if (response.ok && call.as === 'text') return (await response.text()) as T;
    if (response.ok) return (await parse(response, consequence(path, call))) as T;

    const problem = await problemOf(response);
    if (response.status === 401 && token !== undefined && token === credentials.token()) {
      credentials.rejected(problem.code);
    }
    throw problem;
  };
}

/** How long to wait before it is sent again. */
const retriesMs = [300, 1_000, 2_000];
/** For the head of an answer. A connection that is gone may look open for minutes. */
const patienceMs = 15_000;

/** What has a key is done once however often it is sent: where the answer may have been lost, it is asked for again. */
async function sendSurely(api: URL, path: string, call: Call, token: string | undefined): Promise<Response> {
  for (const waitMs of call.key === undefined ? [] : retriesMs) {
    try {
      const response = await send(api, path, call, token);
      if (!isOfProxy(response)) return response;
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
  return send(api, path, call, token);
}

/** From something between us and the server, which may have got the request all the same. */
function isOfProxy({ status }: Response): boolean {
  return status === 502 || status === 503 || status === 504;
}

async function send(api: URL, path: string, call: Call, token: string | undefined): Promise<Response> {
  const headers = new Headers({ Accept: call.as === 'text' ? '*/*' : 'application/json' });
  if (call.ifMatch !== undefined) headers.set('If-Match', call.ifMatch);
  if (call.key !== undefined) headers.set('Idempotency-Key', call.key);
  if (token !== undefined) headers.set('Authorization', `Bearer ${token}`);
  if (call.body !== undefined) headers.set('Content-Type', 'application/json');
  const leave = new AbortController();
  const timer = setTimeout(() => leave.abort(), patienceMs);
  if (call.signal?.aborted === true) leave.abort();
  call.signal?.addEventListener('abort', () => leave.abort(), { signal: leave.signal });
  try {
    return await fetch(api.href + path, {
      method: call.method ?? 'GET',
      headers,
      ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      signal: leave.signal,
    });
  } catch (cause) {
    if (call.signal?.aborted === true) throw cause;
    throw new Unreachable(consequence(path, call), { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** Signing in or out leaves nothing that could be done twice. */
function consequence(path: string, { method = 'GET', key }: Call): Consequence {
  if (method === 'GET' || path.startsWith('/auth/')) return 'none';
  return key === undefined ? 'perhaps' : 'once';
}

async function parse(response: Response, mayHaveDone: Consequence): Promise<unknown> {
  if (response.status === 204) return undefined;
  try {
    return await response.json();
  } catch (cause) {
    // A 202 may come without a body; a page where JSON belongs is some proxy's.
    if (response.status === 202) return undefined;
    throw new Unreachable(mayHaveDone, { cause });
  }
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    const body = (await response.json()) as Record<'code' | 'detail' | 'title' | 'errors', unknown>;
    return new Problem(
      response.status,
      typeof body.code === 'string' ? body.code : 'unknown',
      [body.detail, body.title].find((text) => typeof text === 'string') ??
        say('problem.answered', { status: response.status }),
      Array.isArray(body.errors) ? body.errors.filter(isFieldError) : [],
    );
  } catch {
    // Not JSON: an answer by something between us and the server. Its status is all there is to say.
    return new Problem(
      response.status,
      response.status >= 500 ? 'unavailable' : 'unknown',
      say('problem.answered', { status: response.status }),
    );
  }
}

function isFieldError(value: unknown): value is FieldError {
  const { path, message } = Object(value) as Partial<Record<keyof FieldError, unknown>>;
  return typeof path === 'string' && typeof message === 'string';
}
