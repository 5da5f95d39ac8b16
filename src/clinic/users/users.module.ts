import { Module } from '@nestjs/common';
import { InboxModule } from '../../library/inbox/inbox.module.js';
import { DoctorsController } from './doctors.controller.js';
import { UsersService } from './users.service.js';

/** The people of the clinic. Needs `StoreModule`. */
@Module({
  imports: [InboxModule],
  controllers: [DoctorsController],
  providers: [UsersService],
  exports: [UsersService],
})
export class UsersModule {}
