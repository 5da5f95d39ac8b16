import { Body, Controller, Get, HttpCode, Param, Patch, Post, Put, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { CurrentUser } from '../auth/access.js';
import { SignedIn } from '../auth/signed-in.js';
import { ZodPipe } from '../http/zod.pipe.js';
import type { Appointment } from './appointment.js';
import { AppointmentsService } from './appointments.service.js';
import {
  bookingSchema,
  cancellationSchema,
  changeSchema,
  idSchema,
  listSchema,
  statusSchema,
  type Booking,
  type Cancellation,
  type Change,
  type ListQuery,
  type NewStatus,
} from './schemas.js';

@Controller('api/appointments')
export class AppointmentsController {
  constructor(private readonly appointments: AppointmentsService) {}

  @Post()
  async book(
    @CurrentUser() user: SignedIn,
    @Body(new ZodPipe(bookingSchema)) booking: Booking,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Appointment> {
    return tagged(response, await this.appointments.book(user, booking));
  }

  @Get()
  list(
    @CurrentUser() user: SignedIn,
    @Query(new ZodPipe(listSchema)) query: ListQuery,
  ): Promise<{ items: Appointment[]; next: string | null }> {
    return this.appointments.list(user, query);
  }

  @Get(':id')
  async find(
    @CurrentUser() user: SignedIn,
    @Param('id', new ZodPipe(idSchema)) id: number,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Appointment> {
    return tagged(response, await this.appointments.find(user, id));
  }

  @Patch(':id')
  async change(
    @CurrentUser() user: SignedIn,
    @Param('id', new ZodPipe(idSchema)) id: number,
    @Body(new ZodPipe(changeSchema)) change: Change,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Appointment> {
    return tagged(response, await this.appointments.change(user, id, change));
  }

  @Put(':id/status')
  async setStatus(
    @CurrentUser() user: SignedIn,
    @Param('id', new ZodPipe(idSchema)) id: number,
    @Body(new ZodPipe(statusSchema)) { status }: NewStatus,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Appointment> {
    return tagged(response, await this.appointments.setStatus(user, id, status));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  async cancel(
    @CurrentUser() user: SignedIn,
    @Param('id', new ZodPipe(idSchema)) id: number,
    @Body(new ZodPipe(cancellationSchema)) { reason }: Cancellation,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Appointment> {
    return tagged(response, await this.appointments.setStatus(user, id, 'cancelled', reason));
  }
}

/** RFC 9110, 8.8.3: the version is what an If-Match would name. */
function tagged(response: Response, appointment: Appointment): Appointment {
  response.set('ETag', `"${appointment.version}"`);
  return appointment;
}
