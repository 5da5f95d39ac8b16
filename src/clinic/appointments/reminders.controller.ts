import { Controller, Get, Query } from '@nestjs/common';
import { Roles } from '../auth/access.js';
import { ZodPipe } from '../http/zod.pipe.js';
import type { Reminder } from './reminder.js';
import { Reminders } from './reminders.js';
import { remindersSchema, type RemindersQuery } from './schemas.js';

/** What people are reminded of, for operators. */
@Controller('api/reminders')
export class RemindersController {
  constructor(private readonly reminders: Reminders) {}

  @Get()
  @Roles('operator')
  list(
    @Query(new ZodPipe(remindersSchema)) query: RemindersQuery,
  ): Promise<{ items: Reminder[]; next: string | null }> {
    return this.reminders.list(query);
  }
}
