import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { Controller, Get, Module, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Response } from 'express';
import { beforeEach, expect, it } from 'vitest';
import { limits } from '../limits.js';
import { SharedShapeAdapter } from './shared-shape-adapter.js';

@Controller()
class AnswersController {
  @Get('json')
  json(@Res() response: Response): void {
    response.status(201).json({ ip: typeof response.req.ip });
  }

  @Get('stream')
  stream(@Res() response: Response): void {
    response.write('the beginning');
  }
}

@Module({ controllers: [AnswersController] })
class AnswersModule {}

let application: NestExpressApplication;
let url: string;

beforeEach(async () => {
  application = await NestFactory.create<NestExpressApplication>(
    AnswersModule,
    new SharedShapeAdapter(limits),
    {
      logger: false,
    },
  );
  await application.listen(0, '127.0.0.1');
  url = await application.getUrl();
});

it('requests and responses are made as Express wants them, so that it changes none', async () => {
  const prototypes: unknown[] = [];
  const note = (request: IncomingMessage, response: ServerResponse): void =>
    void prototypes.push(Object.getPrototypeOf(request), Object.getPrototypeOf(response));
  const server: Server = application.getHttpServer();
  server.prependListener('request', note).on('request', note);

  const answer = await fetch(`${url}/json`);

  expect([answer.status, await answer.json()]).toEqual([201, { ip: 'string' }]);
  expect(prototypes[0]).toBe(prototypes[2]);
  expect(prototypes[1]).toBe(prototypes[3]);
  await application.close();
});

it('an open stream holds up no close', async () => {
  const stream = await fetch(`${url}/stream`);

  await application.close();

  await expect(stream.text()).rejects.toThrow();
});

it('a connection waits longer for its next request than balancers keep one: 60 s', async () => {
  const answer = await fetch(`${url}/json`);

  // Node says what it does, rounded down to seconds.
  expect(Number(/timeout=(\d+)/.exec(answer.headers.get('keep-alive') ?? '')?.[1])).toBeGreaterThan(60);
  await application.close();
});

it('a request that comes on a silent connection later than a head may take is answered', async () => {
  await application.close();
  const impatient = { ...limits, requestHeadMs: 100 };
  application = await NestFactory.create<NestExpressApplication>(
    AnswersModule,
    new SharedShapeAdapter(impatient),
    { logger: false },
  );
  await application.listen(0, '127.0.0.1');
  const port = Number(new URL(await application.getUrl()).port);
  const socket = connect(port, '127.0.0.1');
  const ask = async (): Promise<string> => {
    socket.write('GET /json HTTP/1.1\r\nHost: x\r\n\r\n');
    return String((await once(socket, 'data'))[0]);
  };
  expect(await ask()).toMatch(/^HTTP\/1\.1 201 /);

  // A socket that says nothing at all is what Node looks for: when that one has ended, the silent one was looked at too.
  const mute = connect(port, '127.0.0.1');
  mute.resume();
  await once(mute, 'close');

  expect(await ask()).toMatch(/^HTTP\/1\.1 201 /);
  socket.destroy();
  await application.close();
});
