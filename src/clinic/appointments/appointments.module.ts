import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { InboxModule } from '../../library/inbox/inbox.module.js';
import { UsersModule } from '../users/users.module.js';
import { AppointmentHistory } from './appointment-history.js';
import { AppointmentsController } from './appointments.controller.js';
import { AppointmentsService } from './appointments.service.js';
import { ClinicController } from './clinic.controller.js';
import { DashboardStats } from './dashboard-stats.js';
import { DoctorTime } from './doctor-time.js';
import { DoctorTimeController } from './doctor-time.controller.js';
import { DueChanges } from './due-changes.js';
import { APPOINTMENTS_OPTIONS, NODES, type AppointmentsOptions, type Nodes } from './options.js';
import { Reminders } from './reminders.js';

/** The clinic's calendar. Needs `StoreModule`, `AuthModule`, `MessagingModule` and `NotificationsModule`. */
@Module({})
export class AppointmentsModule {
  /** @param nodes what the dashboard shows of them */
  static forRoot(
    { clinicZone, reminderMinutes, limits, clock }: AppointmentsOptions,
    nodes: Pick<FactoryProvider<Nodes>, 'inject' | 'useFactory'>,
  ): DynamicModule {
    return {
      module: AppointmentsModule,
      imports: [InboxModule, UsersModule],
      controllers: [AppointmentsController, ClinicController, DoctorTimeController],
      providers: [
        {
          provide: APPOINTMENTS_OPTIONS,
          useValue: { clinicZone, reminderMinutes, limits, clock } satisfies AppointmentsOptions,
        },
        { provide: NODES, ...nodes },
        DashboardStats,
        DoctorTime,
        AppointmentHistory,
        Reminders,
        AppointmentsService,
        DueChanges,
      ],
    };
  }
}
