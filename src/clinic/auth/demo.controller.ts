import { Controller, Get } from '@nestjs/common';
import type { Person } from '../users/users.service.js';
import { Public } from './access.js';
import { demoPassword, demoUsers } from './demo-users.js';

/** What the sign-in cards show. There only with DEMO; else its path is a 404 like any other. */
@Controller('api/demo')
export class DemoController {
  @Public()
  @Get()
  cards(): { users: Omit<Person, 'id'>[]; password: string } {
    return {
      users: demoUsers.map(({ email, name, role }) => ({ email, name, role })),
      password: demoPassword,
    };
  }
}
