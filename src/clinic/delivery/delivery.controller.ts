import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ownerOf } from '../../library/store/owner.js';
import { Store } from '../../library/store/store.js';
import { CurrentUser } from '../auth/access.js';
import { SignedIn } from '../auth/signed-in.js';
import { pathIdSchema } from '../http/id.js';
import { invalid, ZodPipe } from '../http/zod.pipe.js';
import type { Channel } from '../preferences/alert-kinds.js';
import { UsersService } from '../users/users.service.js';
import type { DeliveryChannel } from './channel.js';
import { skipShown } from './delivery-table.js';
import { CHANNELS, VAPID_KEYS } from './options.js';
import type { VapidKeys } from './push-channel.js';
import { PushDevices, type PushDevice } from './push-devices.service.js';
import { PushPost } from './push-post.js';
import { PushTest, type TestAnswer } from './push-test.js';
import { deviceSchema, shownSchema, type NewDevice, type Shown } from './schemas.js';

/** A device as its owner sees it. The endpoint lets its holder write there, so only its service is told. */
export interface ShownDevice {
  readonly id: number;
  readonly name: string;
  /** The host of its push service. */
  readonly service: string;
  readonly createdAt: Date;
}

/** The ways to people outside the page, and the devices that they lead to. */
@Controller('api')
export class DeliveryController {
  constructor(
    private readonly store: Store,
    private readonly devices: PushDevices,
    private readonly test: PushTest,
    private readonly post: PushPost,
    private readonly users: UsersService,
    @Inject(CHANNELS) private readonly channels: readonly DeliveryChannel[],
    @Inject(VAPID_KEYS) private readonly keys: VapidKeys,
  ) {}

  @Get('channels')
  list(): { items: Channel[]; pushKey: string } {
    return { items: ['inApp', ...this.channels.map(({ name }) => name)], pushKey: this.keys.publicKey };
  }

  @Get('devices')
  async find(@CurrentUser() user: SignedIn): Promise<{ items: ShownDevice[]; next: null }> {
    return { items: (await this.devices.list(user.id)).map(shown), next: null };
  }

  @Post('devices')
  async add(
    @CurrentUser() user: SignedIn,
    @Body(new ZodPipe(deviceSchema)) device: NewDevice,
  ): Promise<ShownDevice> {
    if (!this.post.allows(new URL(device.endpoint)))
      throw invalid([{ path: 'endpoint', message: 'must be https, on a public host' }]);
    return shown(await this.devices.add(user, device));
  }

  @Delete('devices/:id')
  @HttpCode(204)
  remove(@CurrentUser() user: SignedIn, @Param('id', new ZodPipe(pathIdSchema)) id: number): Promise<void> {
    return this.devices.remove(user.id, id);
  }

  @Post('devices/:id/test')
  @HttpCode(200)
  async testDevice(
    @CurrentUser() user: SignedIn,
    @Param('id', new ZodPipe(pathIdSchema)) id: number,
  ): Promise<TestAnswer> {
    const language = (await this.users.languagesOf([user.id]))(user.id);
    return this.test.send(await this.devices.find(user.id, id), language);
  }

  @Post('notifications/shown')
  @HttpCode(204)
  async shown(@CurrentUser() user: SignedIn, @Body(new ZodPipe(shownSchema)) { ids }: Shown): Promise<void> {
    const shownIn = { userId: user.id, sessionId: user.sessionId, notificationIds: ids };
    await this.store.write(({ manager }) => skipShown(manager, shownIn, new Date()), ownerOf(user.id));
  }
}

function shown({ id, name, url, createdAt }: PushDevice): ShownDevice {
  return { id, name, service: new URL(url).host, createdAt };
}
