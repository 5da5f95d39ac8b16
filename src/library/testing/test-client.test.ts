import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MessagingModule } from '../nest/messaging.module.js';
import { MessagingTemplate } from '../nest/template.js';
import { anybody } from './anybody.js';
import { TestClient, type TestSubscription } from './test-client.js';

@Module({
  imports: [
    MessagingModule.forRoot({
      authenticator: anybody,
      authorizer: { isAllowed: (_, __, address) => address !== '/topic/closed' },
    }),
  ],
})
class TestModule {}

let application: INestApplicationContext;
let ada: TestClient;
let news: TestSubscription;

beforeEach(async () => {
  application = await NestFactory.createApplicationContext(TestModule, { logger: false });
  ada = await TestClient.connect(application, { login: 'ada' });
  news = await ada.subscribe('/topic/news');
});
afterEach(() => application.close());

describe('a test’s client', () => {
  it('says what came, and that nothing else did', async () => {
    const template = application.get(MessagingTemplate);
    template.convertAndSend('/topic/news', 'one');
    template.convertAndSend('/topic/news', { two: 2 });
    template.convertAndSend('/topic/others', 'three');

    expect((await news.next()).body).toBe('one');
    expect((await news.rest()).map(({ json }) => json)).toEqual([{ two: 2 }]);
    expect(await news.rest()).toEqual([]);
  });

  it('doesn’t wait for what can’t come: the session has ended', async () => {
    const waiting = news.next();
    const refused = ada.subscribe('/topic/closed');

    await expect(refused).rejects.toMatchObject({ code: 'forbidden' });
    await expect(waiting).rejects.toMatchObject({ code: 'forbidden' });
    await expect(news.next()).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('takes what had come before the end', async () => {
    application.get(MessagingTemplate).convertAndSend('/topic/news', 'last');
    ada.leave();
    await ada.ended();

    expect((await news.next()).body).toBe('last');
    await expect(news.next()).rejects.toThrow('The session has ended.');
  });
});
