import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Inbox } from '../../library/inbox/inbox.js';
import { Store } from '../../library/store/store.js';
import { PreferencesService } from '../preferences/preferences.service.js';
import type { DeliveryChannel } from './channel.js';
import { wakeHeld } from './delivery-table.js';
import { Dispatcher } from './dispatcher.js';
import { CHANNELS, DELIVERY_OPTIONS, type DeliveryOptions } from './options.js';

/** Sends what is due for as long as the application runs, on each channel by itself. */
@Injectable()
export class Dispatchers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(Dispatcher.name);
  readonly #dispatchers: readonly Dispatcher[];

  constructor(
    store: Store,
    inbox: Inbox,
    preferences: PreferencesService,
    @Inject(CHANNELS) private readonly channels: readonly DeliveryChannel[],
    @Inject(DELIVERY_OPTIONS) { limits }: DeliveryOptions,
  ) {
    const logError = (message: string, error: unknown): void => this.#logger.error(message, error);
    this.#dispatchers = channels.map(
      (channel) => new Dispatcher(channel, { store, inbox, preferences, limits, logError }),
    );
    preferences.onChange(({ manager }, { userId }) => wakeHeld(manager, userId, new Date()));
  }

  onApplicationBootstrap(): void {
    const isMailOn = this.channels.some(({ name }) => name === 'email');
    if (!isMailOn) this.#logger.log('E-mail is off: SMTP_URL names no mail server');
    for (const dispatcher of this.#dispatchers) dispatcher.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.#dispatchers.map((dispatcher) => dispatcher.stop()));
  }
}
