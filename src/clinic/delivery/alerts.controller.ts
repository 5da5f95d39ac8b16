import { Controller, Get, Param, Query } from '@nestjs/common';
import { Roles } from '../auth/access.js';
import { pathIdSchema } from '../http/id.js';
import { ZodPipe } from '../http/zod.pipe.js';
import { Alerts, type AlertStory } from './alerts.service.js';
import { ofPersonSchema, type OfPerson } from './schemas.js';

/** Why somebody did, or didn't, hear of an alert. */
@Controller('api/alerts')
@Roles('operator')
export class AlertsController {
  constructor(private readonly alerts: Alerts) {}

  @Get()
  list(@Query(new ZodPipe(ofPersonSchema)) query: OfPerson): ReturnType<Alerts['list']> {
    return this.alerts.list(query);
  }

  @Get(':id')
  follow(@Param('id', new ZodPipe(pathIdSchema)) id: number): Promise<AlertStory> {
    return this.alerts.follow(id);
  }
}
