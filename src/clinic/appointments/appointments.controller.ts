import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { CurrentUser, Roles } from '../auth/access.js';
import { SignedIn } from '../auth/signed-in.js';
import { pathIdSchema } from '../http/id.js';
import { IdempotencyKey, markReplayed, type RequestKey } from '../http/idempotency-key.js';
import { entityTag, IfMatch, type Precondition } from '../http/if-match.js';
import { ZodPipe } from '../http/zod.pipe.js';
import type { Kept } from '../../library/store/kept-answers.js';
import type { Appointment } from './appointment.js';
import { AppointmentHistory, type PastEvent, type PastReminder } from './appointment-history.js';
import { AppointmentsService } from './appointments.service.js';
import { CalendarFeeds } from './calendar-feeds.js';
import { PatientMessages } from './patient-messages.js';
import {
  bookingSchema,
  cancellationSchema,
  confirmedChangeSchema,
  listSchema,
  patientMessageSchema,
  statusSchema,
  type Booking,
  type CancellationRequest,
  type AppointmentQuery,
  type ConfirmedChange,
  type NewStatus,
  type PatientMessage,
} from './schemas.js';

/** REST of appointments. */
@Controller('api/appointments')
export class AppointmentsController {
  constructor(
    private readonly appointments: AppointmentsService,
    private readonly history: AppointmentHistory,
    private readonly feeds: CalendarFeeds,
    private readonly messages: PatientMessages,
  ) {}

  @Post()
  async book(
    @CurrentUser() user: SignedIn,
    @Body(new ZodPipe(bookingSchema)) booking: Booking,
    @IdempotencyKey() key: RequestKey | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Appointment> {
    return answered(response, await this.appointments.book(user, booking, key));
  }

  @Get()
  list(
    @CurrentUser() user: SignedIn,
    @Query(new ZodPipe(listSchema)) query: AppointmentQuery,
  ): Promise<{ items: Appointment[]; next: string | null }> {
    return this.appointments.list(user, query);
  }

  @Get(':id')
  async find(
    @CurrentUser() user: SignedIn,
    @Param('id', new ZodPipe(pathIdSchema)) id: number,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Appointment> {
    return tagged(response, await this.appointments.find(user, id));
  }

  @Get(':id/history')
  async past(
    @CurrentUser() user: SignedIn,
    @Param('id', new ZodPipe(pathIdSchema)) id: number,
  ): Promise<{ items: PastEvent[]; reminders: PastReminder[] }> {
    const appointment = await this.appointments.find(user, id);
    return {
      items: await this.history.of(user, appointment),
      reminders: await this.history.remindersOf(user, appointment),
    };
  }

  @Get(':id/ics')
  async file(
    @CurrentUser() user: SignedIn,
    @Param('id', new ZodPipe(pathIdSchema)) id: number,
    @Res() response: Response,
  ): Promise<void> {
    const text = await this.feeds.one(user, await this.appointments.find(user, id));
    response.attachment(`appointment-${id}.ics`).type('text/calendar').send(text);
  }

  @Post(':id/message')
  @Roles('doctor', 'operator')
  @HttpCode(204)
  async tell(
    @CurrentUser() user: SignedIn,
    @Param('id', new ZodPipe(pathIdSchema)) id: number,
    @Body(new ZodPipe(patientMessageSchema)) { message }: PatientMessage,
    @IdempotencyKey() key: RequestKey | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    const { isReplayed } = await this.messages.send(user, id, message, key);
    markReplayed(response, isReplayed);
  }

  @Patch(':id')
  async change(
    @CurrentUser() user: SignedIn,
    @Param('id', new ZodPipe(pathIdSchema)) id: number,
    @Body(new ZodPipe(confirmedChangeSchema)) { confirm, ...change }: ConfirmedChange,
    @IdempotencyKey() key: RequestKey | undefined,
    @IfMatch() ifMatch: Precondition | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Appointment> {
    return answered(response, await this.appointments.change(user, id, change, { key, ifMatch, confirm }));
  }

  @Put(':id/status')
  async setStatus(
    @CurrentUser() user: SignedIn,
    @Param('id', new ZodPipe(pathIdSchema)) id: number,
    @Body(new ZodPipe(statusSchema)) status: NewStatus,
    @IdempotencyKey() key: RequestKey | undefined,
    @IfMatch() ifMatch: Precondition | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Appointment> {
    return answered(response, await this.appointments.setStatus(user, id, status, { key, ifMatch }));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  async cancel(
    @CurrentUser() user: SignedIn,
    @Param('id', new ZodPipe(pathIdSchema)) id: number,
    @Body(new ZodPipe(cancellationSchema)) { reason, undoMs }: CancellationRequest,
    @IdempotencyKey() key: RequestKey | undefined,
    @IfMatch() ifMatch: Precondition | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Appointment> {
    const cancelled = { status: 'cancelled', reason, undoMs } as const;
    return answered(response, await this.appointments.setStatus(user, id, cancelled, { key, ifMatch }));
  }

  @Delete(':id/pending-change')
  async takeBack(
    @CurrentUser() user: SignedIn,
    @Param('id', new ZodPipe(pathIdSchema)) id: number,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Appointment> {
    return tagged(response, await this.appointments.takeBack(user, id));
  }
}

function answered(response: Response, { answer, isReplayed }: Kept<Appointment>): Appointment {
  markReplayed(response, isReplayed);
  return tagged(response, answer);
}

/** The version is what an If-Match would name. */
function tagged(response: Response, appointment: Appointment): Appointment {
  response.set('ETag', entityTag(appointment.version));
  return appointment;
}
