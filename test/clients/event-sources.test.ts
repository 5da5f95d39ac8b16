import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApplication } from '../../src/application.js';
import { loadSettings } from '../../src/config.js';
import { NotificationService } from '../../src/clinic/notifications/notification.service.js';
import { inBrowser, launch, noBrowser } from '../browser/windows.js';
import { sqlite, type FreshDatabase } from '../databases.js';
import { newPatient, secret, type Clinic, type Login } from '../rest/clinic.js';
import { eventSourceClients, openSseJs, type EventSourceClient, type Heard } from './event-source-clients.js';

/** A server that can go and come back at its port, while its clients stay. */
let database: FreshDatabase;
let application: NestExpressApplication;
let port = 0;
/** What stands before servers in the world: it answers 503 while there is none behind it. */
let gateway: Server;
const passedOn: string[] = [];

beforeAll(async () => {
  database = await sqlite.create();
  await start();
  gateway = createServer((incoming, outgoing) => {
    const { method, url = '', headers } = incoming;
    passedOn.push(url);
    const passed = request({ port, host: '127.0.0.1', method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing).on('error', () => undefined);
      answer.on('error', () => outgoing.destroy());
    });
    passed.on('error', () => {
      if (outgoing.headersSent) return void outgoing.destroy();
      outgoing.writeHead(503).end();
      gateway.emit('refused');
    });
    outgoing.on('close', () => passed.destroy());
    passed.end();
  });
  gateway.listen(0, '127.0.0.1');
  await once(gateway, 'listening');
});
afterAll(async () => {
  gateway.close();
  gateway.closeAllConnections();
  await application.close();
  await database.drop();
});

describe('a stock client of Server-Sent Events', () => {
  it.each(Object.entries(eventSourceClients))(
    '%s misses nothing while the server is restarted, and is told nothing that is empty',
    (name, open) => comesBack(open, name === 'reconnecting-eventsource' ? gatewayUrl() : ownUrl()),
  );

  it('behind a proxy that refuses it meanwhile says in the URL where it was', () => {
    expect(passedOn.filter((url) => /[?&]lastEventId=/.test(url))).not.toEqual([]);
  });
});

describe.skipIf(noBrowser !== undefined)(inBrowser('sse.js in a browser'), () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  it('misses nothing while the server is restarted, and is told nothing that is empty', () =>
    comesBack((stream) => openSseJs(browser, stream), ownUrl()));
});

async function comesBack(open: EventSourceClient, base: string): Promise<void> {
  const reader = await newPatient({ application } as Clinic);
  const heard = new HeardEvents();
  const close = await open({
    url: `${base}/api/notifications/stream?page=1`,
    token: reader.token,
    heard: (event) => heard.put(event),
  });
  await heard.until(({ event }) => event === 'connected');
  await ring(reader, 'live');
  await heard.until(isOf('live'));

  await application.close();
  await start(async () => {
    await ring(reader, 'missed');
    if (base === gatewayUrl()) await once(gateway, 'refused');
  });
  await heard.until(isOf('missed'));
  await ring(reader, 'live again');
  await heard.until(isOf('live again'));
  await close();

  const messages = heard.all.filter(({ event }) => event === 'notification').map(messageOf);
  expect(messages).toEqual(['live', 'missed', 'live again']);
  const verdicts = heard.all.filter(({ event }) => event === 'resume');
  expect(verdicts.map(({ data }) => (JSON.parse(data) as { verdict: string }).verdict)).toEqual(['complete']);
  expect(heard.all.filter(({ data }) => data === '')).toEqual([]);
  expect(heard.all.filter(({ event }) => event === 'message' || event === '')).toEqual([]);
}

/** @param meanwhile what happens before anybody can come back */
async function start(meanwhile = () => Promise.resolve()): Promise<void> {
  application = await createApplication(
    loadSettings({
      DATABASE_URL: database.url,
      JWT_SECRET: secret,
      LOG_LEVEL: 'silent',
      DRAIN_MS: '0',
      // So that every client hears both, again and again.
      LIMIT_SSE_RETRY_MS: '100',
      LIMIT_SSE_HEARTBEAT_MS: '20',
    }),
  );
  await application.init();
  await meanwhile();
  await application.listen(port, '127.0.0.1');
  port = (application.getHttpServer().address() as AddressInfo).port;
}

function ring({ user }: Login, message: string): Promise<void> {
  return application
    .get(NotificationService)
    .sendNotification(user.id, message)
    .then(() => undefined);
}

function ownUrl(): string {
  return `http://127.0.0.1:${port}`;
}

function gatewayUrl(): string {
  return `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
}

function isOf(message: string): (event: Heard) => boolean {
  return (event) => event.event === 'notification' && messageOf(event) === message;
}

function messageOf({ data }: Heard): string {
  return (JSON.parse(data) as { message: string }).message;
}

class HeardEvents {
  readonly all: Heard[] = [];
  #look: (() => void) | undefined;

  put(event: Heard): void {
    this.all.push(event);
    this.#look?.();
  }

  /** Resolves when there is such an event. */
  until(matches: (event: Heard) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#look = () => this.all.some(matches) && resolve();
      this.#look();
    });
  }
}
