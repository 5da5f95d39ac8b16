import {
  Body,
  Controller,
  ForbiddenException,
  Get,
  Module,
  Param,
  Post,
  Res,
  type LoggerService,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Response } from 'express';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Refusal } from '../errors.js';
import { HttpErrorFilter } from './http-error.filter.js';
import { ZodPipe } from './zod.pipe.js';

const fault = new Error('the password of the database is 1234', { cause: new Error('wrong password') });

@Controller()
class TroubleController {
  @Get('refused')
  refused(): never {
    throw new Refusal('illegal_transition', 'What is booked can’t become proposed.', {
      details: { from: 'booked', to: 'proposed', status: 200 },
      retryAfterMs: 6_001,
    });
  }

  @Get('failed')
  failed(): never {
    throw fault;
  }

  @Get('nest')
  nest(): never {
    throw new ForbiddenException();
  }

  @Get('begun')
  begun(@Res() response: Response): never {
    response.write('the beginning');
    throw new Refusal('forbidden', 'too late');
  }

  @Post('echo/:id')
  echo(
    @Param('id', new ZodPipe(z.coerce.number().int())) id: number,
    @Body(new ZodPipe(z.object({ name: z.string().max(5), tags: z.array(z.string()).default([]) })))
    body: object,
  ): object {
    return { id, ...body };
  }
}

@Module({ controllers: [TroubleController] })
class TroubleModule {}

let application: NestExpressApplication;
let url: string;
let logged: unknown[][];

beforeAll(async () => {
  const nobody = () => undefined;
  const logger: LoggerService = {
    log: nobody,
    warn: nobody,
    error: (...line: unknown[]) => void logged.push(line),
  };
  application = await NestFactory.create<NestExpressApplication>(TroubleModule, {
    logger,
    bodyParser: false,
  });
  application.useBodyParser('json', { limit: 100 });
  application.useGlobalFilters(new HttpErrorFilter());
  await application.listen(0, '127.0.0.1');
  url = await application.getUrl();
});
afterAll(() => application.close());
beforeEach(() => {
  logged = [];
});

describe('a request', () => {
  it('that is refused is told why, with the members of its problem, and none of them hides a standard one', async () => {
    const response = await fetch(`${url}/refused`);

    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(response.headers.get('retry-after')).toBe('7');
    expect(await response.json()).toEqual({
      type: 'urn:carillon:problem:illegal_transition',
      title: 'The status cannot change this way',
      status: 409,
      detail: 'What is booked can’t become proposed.',
      code: 'illegal_transition',
      from: 'booked',
      to: 'proposed',
    });
    expect(logged).toEqual([]);
  });

  it('that fails is logged whole, once, and told nothing of it', async () => {
    const response = await fetch(`${url}/failed`);

    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ code: 'internal_error', detail: 'internal error' });
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain(fault);
  });

  it.each([
    ['GET', '/nowhere?ticket=secret', undefined, 404, 'not_found'],
    ['DELETE', '/refused', undefined, 404, 'not_found'],
    ['GET', '/nest', undefined, 403, 'forbidden'],
    ['POST', '/echo/%E0%A4%A', '{}', 400, 'invalid_request'],
    ['POST', '/echo/1', '{"name":', 400, 'invalid_request'],
    ['POST', '/echo/1', '"a string"', 400, 'invalid_request'],
    ['POST', '/echo/1', '', 400, 'invalid_request'],
    ['POST', '/echo/1', JSON.stringify({ name: 'x'.repeat(101) }), 413, 'body_too_large'],
  ])('%s %s %j is answered in the same form', async (method, path, body, status, code) => {
    const response = await fetch(url + path, {
      method,
      headers: { 'Content-Type': 'application/json' },
      ...(body !== undefined && { body }),
    });

    const problem = await response.text();
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(JSON.parse(problem)).toMatchObject({ status, code });
    expect(problem).not.toContain('secret');
    expect(logged).toEqual([]);
  });

  it('in another charset or encoding, or of another type, is invalid', async () => {
    const post = async (headers: Record<string, string>): Promise<unknown> => {
      const response = await fetch(`${url}/echo/1`, { method: 'POST', headers, body: '{"name":"Ada"}' });
      return response.json();
    };

    expect(await post({ 'Content-Type': 'application/json; charset=koi8-r' })).toMatchObject({
      code: 'invalid_request',
    });
    expect(await post({ 'Content-Type': 'application/json', 'Content-Encoding': 'zip' })).toMatchObject({
      code: 'invalid_request',
    });
    expect(await post({ 'Content-Type': 'text/plain' })).toMatchObject({ code: 'invalid_request' });
  });

  it('that does not fit names each place', async () => {
    const response = await fetch(`${url}/echo/1`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'too long', tags: ['a', 7] }),
    });

    expect(await response.json()).toMatchObject({
      status: 400,
      errors: [
        { path: 'name', message: expect.any(String) as string },
        { path: 'tags.1', message: expect.any(String) as string },
      ],
    });
  });

  it('that fits is parsed, and what no schema names is left out', async () => {
    const response = await fetch(`${url}/echo/7`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'Ada', role: 'operator' }),
    });

    expect(await response.json()).toEqual({ id: 7, name: 'Ada', tags: [] });
  });

  it('whose answer had begun is cut', async () => {
    const reading = fetch(`${url}/begun`).then((response) => response.text());

    await expect(reading).rejects.toThrow();
  });
});
