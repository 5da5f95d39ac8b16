import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fetchEventSource } from '@microsoft/fetch-event-source';
import { EventSource as EventSource3 } from 'eventsource3';
import { EventSource as EventSource4 } from 'eventsource';
import type { Browser } from 'playwright-core';
import ReconnectingEventSource from 'reconnecting-eventsource';
import { Agent, EventSource as UndiciEventSource, type Dispatcher } from 'undici';

/** What a client was told, in its order. */
export interface Heard {
  readonly event: string;
  readonly data: string;
}

export interface OpenStream {
  readonly url: string;
  readonly token: string;
  readonly heard: (event: Heard) => void;
}

/** Opens a stream as its documentation says, so that it comes back by itself. @returns closes it */
export type EventSourceClient = (stream: OpenStream) => Close | Promise<Close>;

export type Close = () => void | Promise<void>;

/** What `event:` may be on the stream of notifications; `message` is what dispatches where there is none. */
const events = ['connected', 'resume', 'notification', 'message'];

/** As far as all of them are alike. */
interface EventSourceLike {
  addEventListener(type: string, listener: (event: { readonly data: string }) => void): void;
  close(): void;
}

type EventSourceClass = new (url: string, options: object) => EventSourceLike;

const require = createRequire(import.meta.url);
const { EventSourcePolyfill } = require('event-source-polyfill') as { EventSourcePolyfill: EventSourceClass };
const EventSource2 = require('eventsource2') as EventSourceClass;

/** Clients that somebody else wrote, as npm has them. */
export const eventSourceClients: Readonly<Record<string, EventSourceClient>> = {
  'event-source-polyfill': ({ url, token, heard }) =>
    listen(new EventSourcePolyfill(url, { headers: bearer(token) }), heard),

  // Its own EventSource comes back where it can; where that gives up, as at a 503, it makes a new one.
  'reconnecting-eventsource': ({ url, token, heard }) =>
    listen(
      new (ReconnectingEventSource as unknown as EventSourceClass)(url, {
        eventSourceClass: EventSource4,
        max_retry_time: 200,
        fetch: fetchWith(token),
      }),
      heard,
    ),

  'eventsource 2': ({ url, token, heard }) =>
    listen(new EventSource2(url, { headers: bearer(token) }), heard),

  'eventsource 3': ({ url, token, heard }) =>
    listen(new EventSource3(url, { fetch: fetchWith(token) }), heard),

  'eventsource 4': ({ url, token, heard }) =>
    listen(new EventSource4(url, { fetch: fetchWith(token) }), heard),

  "undici's EventSource": ({ url, token, heard }) => {
    const dispatcher = new Agent().compose(
      (dispatch) => (options, handler) =>
        dispatch({ ...options, headers: withBearer(options, token) }, handler),
    );
    return listen(new UndiciEventSource(url, { node: { dispatcher } }), heard);
  },

  '@microsoft/fetch-event-source': ({ url, token, heard }) => {
    // What of a browser it takes for granted.
    Object.assign(globalThis, { window: globalThis, document: { removeEventListener: () => undefined } });
    const closing = new AbortController();
    void fetchEventSource(url, {
      headers: bearer(token),
      signal: closing.signal,
      openWhenHidden: true,
      onmessage: ({ event, data }) => heard({ event, data }),
      // Its documentation: who wants to come back after the server has ended the stream throws.
      onclose: () => {
        throw new Error('the server has ended the stream');
      },
    });
    return () => closing.abort();
  },
};

/** It needs an XMLHttpRequest that gives what has come so far: a browser's. */
export async function openSseJs(browser: Browser, { url, token, heard }: OpenStream): Promise<Close> {
  const source = await readFile(require.resolve('sse.js'), 'utf8');
  // The page's own policy would refuse what it doesn't know.
  const page = await (await browser.newContext({ bypassCSP: true })).newPage();
  await page.goto(new URL('/livez', url).href);
  await page.exposeFunction('heard', (event: string, data: string) => heard({ event, data }));
  const options = {
    headers: bearer(token),
    autoReconnect: true,
    reconnectDelay: 100,
    useLastEventId: true,
  };
  await page.evaluate(`(async () => {
    const { SSE } = await import('data:text/javascript;base64,${Buffer.from(source).toString('base64')}');
    const stream = new SSE(${JSON.stringify(url)}, ${JSON.stringify(options)});
    for (const type of ${JSON.stringify(events)})
      stream.addEventListener(type, ({ data }) => void heard(type, data));
  })()`);
  return () => page.context().close();
}

function listen(source: EventSourceLike, heard: OpenStream['heard']): () => void {
  for (const event of events) source.addEventListener(event, ({ data }) => heard({ event, data }));
  return () => source.close();
}

function bearer(token: string): { readonly Authorization: string } {
  return { Authorization: `Bearer ${token}` };
}

function fetchWith(token: string): typeof fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('Authorization', bearer(token).Authorization);
    return fetch(input, { ...init, headers });
  };
}

function withBearer({ headers }: Dispatcher.DispatchOptions, token: string): string[] {
  const given = Array.isArray(headers)
    ? headers
    : Object.entries(headers ?? {}).flatMap(([name, value]) => [name, String(value)]);
  return [...given, 'authorization', bearer(token).Authorization];
}
