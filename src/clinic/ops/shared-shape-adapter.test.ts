import type { IncomingMessage, Server, ServerResponse } from 'node:http';
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
