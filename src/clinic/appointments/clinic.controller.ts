import { Controller, Get } from '@nestjs/common';
import { AppointmentsService } from './appointments.service.js';
import type { Clinic } from './clinic.js';

/** REST of what everybody may know of the clinic. */
@Controller('api/clinic')
export class ClinicController {
  constructor(private readonly appointments: AppointmentsService) {}

  @Get()
  clinic(): Clinic {
    return this.appointments.clinic();
  }
}
