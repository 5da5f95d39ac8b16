import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { InboxModule } from '../../library/inbox/inbox.module.js';
import { PreferencesModule } from '../preferences/preferences.module.js';
import { UsersModule } from '../users/users.module.js';
import { AppointmentHistory } from './appointment-history.js';
import { AppointmentsController } from './appointments.controller.js';
import { AppointmentsService } from './appointments.service.js';
import { CalendarController } from './calendar.controller.js';
import { CalendarFeeds } from './calendar-feeds.js';
import { ClinicController } from './clinic.controller.js';
import { DashboardStats } from './dashboard-stats.js';
import { DoctorTime } from './doctor-time.js';
import { DoctorTimeController } from './doctor-time.controller.js';
import { DueChanges } from './due-changes.js';
import { PatientMessages } from './patient-messages.js';
import { PatientsController } from './patients.controller.js';
import { APPOINTMENTS_OPTIONS, NODES, type AppointmentsOptions, type NodeOverview } from './options.js';
import { Reminders } from './reminders.js';
import { RemindersController } from './reminders.controller.js';

/** The clinic's calendar. Needs `StoreModule`, `AuthModule`, `MessagingModule` and `NotificationsModule`. */
@Module({})
export class AppointmentsModule {
  /** @param nodes what the dashboard shows of them */
  static forRoot(
    { clinicZone, limits, clock }: AppointmentsOptions,
    nodes: Pick<FactoryProvider<NodeOverview>, 'inject' | 'useFactory'>,
  ): DynamicModule {
    return {
      module: AppointmentsModule,
      // What operators see of the process has its numbers.
      global: true,
      imports: [InboxModule, PreferencesModule, UsersModule],
      controllers: [
        AppointmentsController,
        CalendarController,
        ClinicController,
        DoctorTimeController,
        PatientsController,
        RemindersController,
      ],
      providers: [
        {
          provide: APPOINTMENTS_OPTIONS,
          useValue: { clinicZone, limits, clock } satisfies AppointmentsOptions,
        },
        { provide: NODES, ...nodes },
        DashboardStats,
        DoctorTime,
        CalendarFeeds,
        PatientMessages,
        AppointmentHistory,
        Reminders,
        AppointmentsService,
        DueChanges,
      ],
      exports: [Reminders],
    };
  }
}
