import { Controller, Get, Param, Query } from '@nestjs/common';
import { pathIdSchema } from '../http/id.js';
import { ZodPipe } from '../http/zod.pipe.js';
import { AppointmentsService } from './appointments.service.js';
import type { Slot } from './office-hours.js';
import { daySchema, type Day } from './schemas.js';

/** REST of the time that a doctor has free. */
@Controller('api/doctors')
export class SlotsController {
  constructor(private readonly appointments: AppointmentsService) {}

  @Get(':id/slots')
  free(
    @Param('id', new ZodPipe(pathIdSchema)) doctorId: number,
    @Query(new ZodPipe(daySchema)) { date }: Day,
  ): Promise<{ items: Slot[]; zone: string }> {
    return this.appointments.freeSlots(doctorId, date);
  }
}
