import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import webPush from 'web-push';
import { InboxModule } from '../../library/inbox/inbox.module.js';
import { agreedValue } from '../../library/store/agreed-value.js';
import { Store } from '../../library/store/store.js';
import { PreferencesModule } from '../preferences/preferences.module.js';
import { UsersModule } from '../users/users.module.js';
import { UsersService } from '../users/users.service.js';
import { AlertsController } from './alerts.controller.js';
import { Alerts } from './alerts.service.js';
import type { DeliveryChannel } from './channel.js';
import { DeliveriesController } from './deliveries.controller.js';
import { DeliveryController } from './delivery.controller.js';
import { Dispatchers } from './dispatchers.js';
import { EmailChannel } from './email-channel.js';
import { Mailer } from './mailer.js';
import { CHANNELS, DELIVERY_OPTIONS, VAPID_KEYS, type DeliveryOptions } from './options.js';
import { AlertOutbox } from './outbox.service.js';
import { PushChannel, type VapidKeys } from './push-channel.js';
import { PushDevices } from './push-devices.service.js';
import { PushPost } from './push-post.js';
import { PushTest } from './push-test.js';
import { ShownDeliveries } from './shown-deliveries.service.js';

/** What reaches people who aren't looking at the page. Needs `StoreModule` and `AuthModule`. */
@Module({})
export class DeliveryModule {
  static forRoot(options: DeliveryOptions): DynamicModule {
    return {
      module: DeliveryModule,
      // All rooms that tell users something write through its outbox.
      global: true,
      imports: [InboxModule, UsersModule, PreferencesModule],
      controllers: [DeliveryController, DeliveriesController, AlertsController],
      providers: [{ provide: DELIVERY_OPTIONS, useValue: options }, ...providersOf(options)],
      exports: [AlertOutbox],
    };
  }
}

function providersOf({ mail, push, publicUrl, limits }: DeliveryOptions): Provider[] {
  return [
    PushDevices,
    { provide: VAPID_KEYS, inject: [Store], useFactory: vapidKeys },
    { provide: PushPost, useFactory: () => new PushPost(push.privateHosts, limits) },
    {
      provide: PushChannel,
      inject: [PushDevices, PushPost, VAPID_KEYS],
      useFactory: (devices: PushDevices, post: PushPost, keys: VapidKeys) =>
        new PushChannel(devices, post, { keys, contact: push.contact, limits }),
    },
    {
      provide: PushTest,
      inject: [PushChannel],
      useFactory: (channel: PushChannel) => new PushTest(channel, limits),
    },
    {
      provide: Mailer,
      useFactory: () => mail && new Mailer({ ...mail, timeoutMs: limits.deliveryMs }),
    },
    {
      provide: CHANNELS,
      inject: [PushChannel, UsersService, Mailer],
      useFactory: (channel: PushChannel, users: UsersService, mailer?: Mailer): DeliveryChannel[] =>
        mailer ? [channel, new EmailChannel(users, mailer, publicUrl)] : [channel],
    },
    AlertOutbox,
    Dispatchers,
    ShownDeliveries,
    Alerts,
  ];
}

/** Made once for a database: a browser's subscription is bound to the key that it was made with. */
async function vapidKeys(store: Store): Promise<VapidKeys> {
  const agreed = await agreedValue(store, 'vapid keys', () => {
    const { publicKey, privateKey } = webPush.generateVAPIDKeys();
    return `${publicKey} ${privateKey}`;
  });
  const [publicKey = '', privateKey = ''] = agreed.split(' ');
  return { publicKey, privateKey };
}
