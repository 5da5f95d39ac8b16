import { Controller, Get, Inject, Query } from '@nestjs/common';
import { Roles } from '../auth/access.js';
import { ZodPipe } from '../http/zod.pipe.js';
import { UsersService, type Patient } from '../users/users.service.js';
import { APPOINTMENTS_OPTIONS, type AppointmentsOptions } from './options.js';
import { patientSearchSchema, type PatientSearch } from './schemas.js';

/** For those who book for somebody. */
@Controller('api/patients')
@Roles('doctor', 'operator')
export class PatientsController {
  constructor(
    private readonly users: UsersService,
    @Inject(APPOINTMENTS_OPTIONS) private readonly options: AppointmentsOptions,
  ) {}

  @Get()
  async search(
    @Query(new ZodPipe(patientSearchSchema)) { search }: PatientSearch,
  ): Promise<{ items: Patient[] }> {
    return { items: await this.users.findPatients(search, this.options.limits.patientsFound) };
  }
}
