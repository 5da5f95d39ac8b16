import { Body, Controller, Get, Patch } from '@nestjs/common';
import { CurrentUser } from '../auth/access.js';
import { SignedIn } from '../auth/signed-in.js';
import { ZodPipe } from '../http/zod.pipe.js';
import type { Preferences } from './preferences.js';
import { PreferencesService } from './preferences.service.js';
import { preferencesChangeSchema, type PreferencesChange } from './schemas.js';

/** REST of one's preferences. */
@Controller('api/preferences')
export class PreferencesController {
  constructor(private readonly preferences: PreferencesService) {}

  @Get()
  find(@CurrentUser() user: SignedIn): Promise<Preferences> {
    return this.preferences.find(user.id);
  }

  @Patch()
  change(
    @CurrentUser() user: SignedIn,
    @Body(new ZodPipe(preferencesChangeSchema)) change: PreferencesChange,
  ): Promise<Preferences> {
    return this.preferences.change(user.id, change);
  }
}
