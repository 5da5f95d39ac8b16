import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { expect, it } from 'vitest';
import { anybody } from '../testing/anybody.js';
import { TestClient } from '../testing/test-client.js';
import {
  MessagingModule,
  type MessagingAsyncOptions,
  type MessagingOptionsFactory,
} from './messaging.module.js';
import type { MessagingOptions } from './options.js';

@Injectable()
class Directory {
  readonly authenticator = anybody;
}

@Module({ providers: [Directory], exports: [Directory] })
class DirectoryModule {}

@Injectable()
class Settings implements MessagingOptionsFactory {
  constructor(private readonly directory: Directory) {}

  async create(): Promise<MessagingOptions> {
    return { authenticator: this.directory.authenticator, authorizer: { isAllowed: () => true } };
  }
}

@Module({ imports: [DirectoryModule], providers: [Settings], exports: [Settings] })
class SettingsModule {}

it.each<[string, MessagingAsyncOptions]>([
  [
    'a factory',
    {
      imports: [DirectoryModule],
      inject: [Directory],
      useFactory: (directory: Directory) => new Settings(directory).create(),
    },
  ],
  ['a class that Nest makes', { imports: [DirectoryModule], useClass: Settings }],
  ['a provider that is there', { imports: [SettingsModule], useExisting: Settings }],
])('the options come from %s', async (_, options) => {
  @Module({ imports: [MessagingModule.forRootAsync(options)] })
  class TestModule {}
  const application = await NestFactory.createApplicationContext(TestModule, {
    logger: false,
    abortOnError: false,
  });

  const ada = await TestClient.connect(application, { login: 'ada' });
  const news = await ada.subscribe('/topic/news');
  await ada.send('/topic/news', 'here');

  expect((await news.next()).body).toBe('here');
  await application.close();
});
