import { Controller, Get, Query } from '@nestjs/common';
import { Roles } from '../auth/access.js';
import { ZodPipe } from '../http/zod.pipe.js';
import { Reminders, type ListedReminder } from './reminders.js';
import { remindersSchema, type RemindersQuery } from './schemas.js';

/** What people are reminded of, for operators. */
@Controller('api/reminders')
export class RemindersController {
  constructor(private readonly reminders: Reminders) {}

  @Get()
  @Roles('operator')
  list(
    @Query(new ZodPipe(remindersSchema)) query: RemindersQuery,
  ): Promise<{ items: ListedReminder[]; next: string | null }> {
    return this.reminders.list(query);
  }
}
