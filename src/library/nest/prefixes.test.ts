import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { expect, it } from 'vitest';
import { anybody } from '../testing/anybody.js';
import { TestClient } from '../testing/test-client.js';
import { MessageMapping, SubscribeMapping } from './decorators.js';
import { MessagingModule } from './messaging.module.js';

class Greeter {
  @MessageMapping('/greet')
  greet(): string {
    return 'hello';
  }

  @SubscribeMapping('/greet')
  reply(): string {
    return 'hello to you';
  }
}

async function start(...applicationDestinationPrefixes: string[]) {
  @Module({
    imports: [
      MessagingModule.forRoot({
        authenticator: anybody,
        authorizer: { isAllowed: () => true },
        applicationDestinationPrefixes,
      }),
    ],
    providers: [Greeter],
  })
  class TestModule {}
  return NestFactory.createApplicationContext(TestModule, { logger: false, abortOnError: false });
}

it('stand before all methods, and /app is nothing then', async () => {
  const application = await start('/app1', '/app2/', '/a/b');
  const ada = await TestClient.connect(application, { login: 'ada' });
  const greetings = await ada.subscribe('/topic/greet');

  for (const prefix of ['/app1', '/app2', '/a/b']) {
    await ada.send(`${prefix}/greet`);
    expect((await greetings.next()).body).toBe('hello');
    expect((await (await ada.subscribe(`${prefix}/greet`)).next()).body).toBe('hello to you');
  }
  await expect(ada.send('/app/greet')).rejects.toMatchObject({ code: 'unknown_destination' });
  await application.close();
});

it.each(['app', '/topic', '/user/x', '/', '/a*', ''])('can’t be %j', async (prefix) => {
  await expect(start(prefix)).rejects.toThrow("can't stand before methods");
});
