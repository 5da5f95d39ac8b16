import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { CurrentUser, Roles } from '../auth/access.js';
import { SignedIn } from '../auth/signed-in.js';
import { pathIdSchema } from '../http/id.js';
import { IdempotencyKey, markReplayed, type RequestKey } from '../http/idempotency-key.js';
import { entityTag, IfMatch, type Precondition } from '../http/if-match.js';
import { ZodPipe } from '../http/zod.pipe.js';
import type { Appointment } from './appointment.js';
import { AppointmentsService } from './appointments.service.js';
import { DoctorTime, type TimeOff, type WorkingHours } from './doctor-time.js';
import type { Slot } from './office-hours.js';
import {
  daySchema,
  timeOffSchema,
  timesOffSchema,
  workingHoursSchema,
  type Day,
  type NewTimeOff,
  type NewWorkingHours,
  type TimesOffQuery,
} from './schemas.js';

const doctorId = new ZodPipe(pathIdSchema);

/** REST of a doctor's working hours and time off. */
@Controller('api/doctors/:id')
export class DoctorTimeController {
  constructor(
    private readonly appointments: AppointmentsService,
    private readonly time: DoctorTime,
  ) {}

  @Get('slots')
  free(
    @Param('id', doctorId) id: number,
    @Query(new ZodPipe(daySchema)) { date }: Day,
  ): Promise<{ items: Slot[]; zone: string }> {
    return this.appointments.freeSlots(id, date);
  }

  @Get('hours')
  async hours(
    @Param('id', doctorId) id: number,
    @Res({ passthrough: true }) response: Response,
  ): Promise<WorkingHours> {
    return tagged(response, await this.time.week(id));
  }

  @Put('hours')
  @Roles('doctor', 'operator')
  async setHours(
    @CurrentUser() user: SignedIn,
    @Param('id', doctorId) id: number,
    @Body(new ZodPipe(workingHoursSchema)) { items }: NewWorkingHours,
    @IfMatch() ifMatch: Precondition | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<WorkingHours> {
    return tagged(response, await this.time.setWeek(user, id, items, ifMatch));
  }

  @Get('times-off')
  @Roles('doctor', 'operator')
  async timesOff(
    @CurrentUser() user: SignedIn,
    @Param('id', doctorId) id: number,
    @Query(new ZodPipe(timesOffSchema)) query: TimesOffQuery,
  ): Promise<{ items: TimeOff[] }> {
    return { items: await this.time.timesOff(user, id, query) };
  }

  @Post('times-off')
  @Roles('doctor', 'operator')
  async block(
    @CurrentUser() user: SignedIn,
    @Param('id', doctorId) id: number,
    @Body(new ZodPipe(timeOffSchema)) timeOff: NewTimeOff,
    @IdempotencyKey() key: RequestKey | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<TimeOff> {
    const { answer, isReplayed } = await this.time.addTimeOff(user, id, timeOff, key);
    markReplayed(response, isReplayed);
    return answer;
  }

  @Delete('times-off/:timeOffId')
  @Roles('doctor', 'operator')
  @HttpCode(204)
  unblock(
    @CurrentUser() user: SignedIn,
    @Param('id', doctorId) id: number,
    @Param('timeOffId', doctorId) timeOffId: number,
  ): Promise<void> {
    return this.time.removeTimeOff(user, id, timeOffId);
  }

  @Get('misplaced')
  @Roles('doctor', 'operator')
  async misplaced(
    @CurrentUser() user: SignedIn,
    @Param('id', doctorId) id: number,
  ): Promise<{ items: Appointment[] }> {
    return { items: await this.appointments.misplaced(user, id) };
  }
}

/** The version is what an If-Match would name. */
function tagged(response: Response, hours: WorkingHours): WorkingHours {
  response.set('ETag', entityTag(hours.version));
  return hours;
}
