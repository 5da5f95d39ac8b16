import { Controller, Get } from '@nestjs/common';
import { UsersService, type Doctor } from './users.service.js';

/** REST of the clinic's doctors. */
@Controller('api/doctors')
export class DoctorsController {
  constructor(private readonly users: UsersService) {}

  @Get()
  async list(): Promise<{ items: Doctor[]; next: null }> {
    return { items: await this.users.doctors(), next: null };
  }
}
