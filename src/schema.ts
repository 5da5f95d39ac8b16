import { Inbox1735689600000 } from '../migrations/1735689600000-inbox.js';
import { People1763700000000 } from '../migrations/1763700000000-people.js';
import { Appointments1763700000001 } from '../migrations/1763700000001-appointments.js';
import { Queues1763700000002 } from '../migrations/1763700000002-queues.js';
import { Retention1763700000004 } from '../migrations/1763700000004-retention.js';
import { KeptAnswers1763700000003 } from '../migrations/1763700000003-kept-answers.js';
import { AppointmentEvents1763700000005 } from '../migrations/1763700000005-appointment-events.js';
import { Superseded1764280000000 } from '../migrations/1764280000000-superseded.js';
import { Alive1764280000001 } from '../migrations/1764280000001-alive.js';
import { KeptTopics1764300000000 } from '../migrations/1764300000000-kept-topics.js';
import { AgreedValues1764310000000 } from '../migrations/1764310000000-agreed-values.js';
import { RelayLetters1764310000001 } from '../migrations/1764310000001-relay-letters.js';
import { Nodes1764320000000 } from '../migrations/1764320000000-nodes.js';
import { Conversations1764330000000 } from '../migrations/1764330000000-conversations.js';
import { Reminders1764340000000 } from '../migrations/1764340000000-reminders.js';
import { PendingChanges1764340000001 } from '../migrations/1764340000001-pending-changes.js';
import { Preferences1764350000000 } from '../migrations/1764350000000-preferences.js';
import { Deliveries1764350000001 } from '../migrations/1764350000001-deliveries.js';
import { DoctorsTime1764370000000 } from '../migrations/1764370000000-doctors-time.js';
import { Logins1764360000000 } from '../migrations/1764360000000-logins.js';
import { CalendarFeeds1764370000001 } from '../migrations/1764370000001-calendar-feeds.js';
import { DeliveryLooks1764380000000 } from '../migrations/1764380000000-delivery-looks.js';
import { Languages1764380000001 } from '../migrations/1764380000001-languages.js';
import { EmailChanges1764390000000 } from '../migrations/1764390000000-email-changes.js';
import { AddressesOver1764400000000 } from '../migrations/1764400000000-addresses-over.js';
import { PatientMessages1764400000001 } from '../migrations/1764400000001-patient-messages.js';
import { LastSeen1764400000002 } from '../migrations/1764400000002-last-seen.js';
import { AppointmentCellRow } from './clinic/appointments/appointment-cell.entity.js';
import { AppointmentEventRow } from './clinic/appointments/appointment-event.entity.js';
import { AppointmentRow } from './clinic/appointments/appointment.entity.js';
import { CalendarFeedRow } from './clinic/appointments/calendar-feed.entity.js';
import { DoctorHoursRow } from './clinic/appointments/doctor-hours.entity.js';
import { PatientMessageRow } from './clinic/appointments/patient-message.entity.js';
import { TimeOffRow } from './clinic/appointments/time-off.entity.js';
import { LoginSessionRow } from './clinic/auth/login-session.entity.js';
import { StreamTicketRow } from './clinic/auth/stream-ticket.entity.js';
import type { Schema } from './library/store/data-source.js';
import { UserRow } from './clinic/users/user.entity.js';

/**
 * What the product's database is built from, for the application and for ormconfig.ts. The inbox, the
 * queues, the conversations, the preferences and the deliveries have no entities: they speak SQL.
 */
export const schema = {
  entities: [
    UserRow,
    LoginSessionRow,
    StreamTicketRow,
    AppointmentRow,
    AppointmentCellRow,
    AppointmentEventRow,
    CalendarFeedRow,
    DoctorHoursRow,
    PatientMessageRow,
    TimeOffRow,
  ],
  migrations: [
    Inbox1735689600000,
    People1763700000000,
    Appointments1763700000001,
    Queues1763700000002,
    KeptAnswers1763700000003,
    Retention1763700000004,
    AppointmentEvents1763700000005,
    Superseded1764280000000,
    Alive1764280000001,
    KeptTopics1764300000000,
    AgreedValues1764310000000,
    RelayLetters1764310000001,
    Nodes1764320000000,
    Conversations1764330000000,
    Reminders1764340000000,
    PendingChanges1764340000001,
    Preferences1764350000000,
    Deliveries1764350000001,
    Logins1764360000000,
    DoctorsTime1764370000000,
    CalendarFeeds1764370000001,
    DeliveryLooks1764380000000,
    Languages1764380000001,
    EmailChanges1764390000000,
    AddressesOver1764400000000,
    PatientMessages1764400000001,
    LastSeen1764400000002,
  ],
} satisfies Schema;
