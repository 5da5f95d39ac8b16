import type { SignedIn } from '../../src/clinic/auth/signed-in.js';
import { AppointmentHistory } from '../../src/clinic/appointments/appointment-history.js';
import { AppointmentsService } from '../../src/clinic/appointments/appointments.service.js';
import type { DashboardStats } from '../../src/clinic/appointments/dashboard-stats.js';
import { DoctorTime } from '../../src/clinic/appointments/doctor-time.js';
import type { AppointmentsOptions } from '../../src/clinic/appointments/options.js';
import { Reminders } from '../../src/clinic/appointments/reminders.js';
import type { DeliveryOptions } from '../../src/clinic/delivery/options.js';
import type { Limits } from '../../src/clinic/limits.js';
import type { InboxNews } from '../../src/clinic/notifications/inbox-news.js';
import { NotificationService } from '../../src/clinic/notifications/notification.service.js';
import { PreferencesService } from '../../src/clinic/preferences/preferences.service.js';
import { UsersService } from '../../src/clinic/users/users.service.js';
import { AlertOutbox } from '../../src/clinic/delivery/outbox.service.js';
import { Inbox } from '../../src/library/inbox/inbox.js';
import type { MessagingTemplate } from '../../src/library/nest/template.js';
import { KeptAnswers } from '../../src/library/store/kept-answers.js';
import type { Store } from '../../src/library/store/store.js';

/** The calendar of one node, as the application puts it together, without the people who listen. */
export interface CalendarNode {
  readonly appointments: AppointmentsService;
  readonly reminders: Reminders;
}

/** @param store of this node */
export function calendarNode(store: Store, options: AppointmentsOptions): CalendarNode {
  const { limits } = options;
  const inbox = new Inbox(store);
  const users = new UsersService(store, inbox);
  const answers = new KeptAnswers(store, limits);
  const preferences = new PreferencesService(store);
  const outbox = new AlertOutbox(inbox, preferences, [], nowhere(limits));
  const notifications = new NotificationService(store, outbox, users, silent, quiet, { limits });
  const reminders = new Reminders(store, users, notifications, preferences, options);
  const appointments = new AppointmentsService(
    store,
    answers,
    users,
    notifications,
    new AppointmentHistory(store, users, inbox, options),
    reminders,
    { touch: () => undefined } as unknown as DashboardStats,
    new DoctorTime(store, answers, users, options),
    options,
  );
  return { appointments, reminders };
}

/** Somebody of the clinic, for whom no booking is one too many. */
export const operator = { id: 1, role: 'operator' } as SignedIn;

// Nobody listens: what counts is what stands in the inboxes.
const silent = { at: () => ({ convertAndSendToUser: () => undefined }) } as unknown as MessagingTemplate;
const quiet = { tell: () => undefined } as unknown as InboxNews;
const nowhere = (limits: Limits): DeliveryOptions => ({
  limits,
  mail: undefined,
  push: { contact: 'mailto:nobody@example.org', privateHosts: [] },
  publicUrl: undefined,
});
