import type { z } from 'zod';
import type { answers } from '../../../src/clinic/contract/answers.js';
import type { payloads } from '../../../src/clinic/contract/messages.js';

/** The wire's shapes, as the server's own schemas have them: what it answers, and what it sends over STOMP. */

export type User = Sent<typeof answers.Person>;
/** What a person is in the clinic. */
export type Role = User['role'];
/** The answer to a login. */
export type Login = Sent<typeof answers.LoginAnswer>;
/** A login that isn't over. */
export type OpenLogin = Sent<typeof answers.OpenLogins>['items'][number];
/** The demo's accounts. */
export type Demo = Sent<typeof answers.DemoCards>;
/** What everybody may know of the clinic. */
export type Clinic = Sent<typeof answers.Clinic>;
/** A doctor. */
export type Doctor = Sent<typeof answers.Doctor>;
/** A span of time that a doctor has free. */
export type Slot = Sent<typeof answers.Slot>;
/** A doctor's week. */
export type DoctorHours = Sent<typeof answers.DoctorHours>;
/** A time of each week at which a doctor is there. */
export type OpenTime = DoctorHours['items'][number];
/** A time at which a doctor is away. */
export type TimeOff = Sent<typeof answers.TimeOff>;
/** A patient who was looked up. */
export type Patient = Sent<typeof answers.Patients>['items'][number];
/** What happened to an appointment. */
export type History = Sent<typeof answers.History>;
/** Something that happened to an appointment. */
export type PastEvent = History['items'][number];
/** A reminder of an appointment, and what became of it. */
export type PastReminder = History['reminders'][number];
/** Whether there is an address for other calendars. */
export type CalendarFeed = Sent<typeof answers.CalendarFeed>;
/** Such an address, told once. */
export type NewCalendarFeed = Sent<typeof answers.NewCalendarFeed>;
/** The time that a doctor has free on a day. */
export type Slots = Sent<typeof answers.Slots>;
/** An appointment. */
export type Appointment = Sent<typeof answers.Appointment> & {
  readonly pendingChange?: PendingChange;
};
/** What becomes of an appointment when the time to take it back has run out. */
export interface PendingChange {
  readonly action: 'cancel' | 'status';
  readonly status: AppointmentStatus;
  readonly by: number;
  readonly at: string;
}
/** How far an appointment has come. */
export type AppointmentStatus = Sent<typeof answers.Appointment>['status'];
/** A notification. */
export type Notification = Sent<typeof answers.Notification>;
/** How many notifications nobody has seen, and how many nobody has read. */
export type Counts = Sent<typeof answers.Counts>;
/** A page of the inbox. */
export type NotificationPage = Sent<typeof answers.NotificationPage>;
/** A page of announcements. */
export type AnnouncementPage = Sent<typeof answers.AnnouncementPage>;
/** An announcement. */
export type Announcement = AnnouncementPage['items'][number];
/** The operators' numbers. */
export type DashboardStats = Sent<typeof payloads.Dashboard>;
/** What the user wants to hear, and where. */
export type Preferences = Sent<typeof answers.Preferences>;
/** The channels of this clinic. */
export type Channels = Sent<typeof answers.Channels>;
/** A browser that takes pushes. */
export type Device = Sent<typeof answers.Device>;
/** What became of a test. */
export type PushTest = Sent<typeof answers.PushTest>;
/** What went, or is to go, outside the page. */
export type Delivery = Sent<typeof answers.DeliveryPage>['items'][number];
/** How the channels do. */
export type DeliverySummary = Sent<typeof answers.DeliverySummary>;
/** A browser that takes pushes for somebody. */
export type DeviceOfPerson = Sent<typeof answers.DeviceOfPersonPage>['items'][number];
/** A page of what somebody was told. */
export type AlertPage = Sent<typeof answers.AlertPage>;
/** What somebody was told, and how far it came. */
export type ShownAlert = AlertPage['items'][number];
/** One alert, from the change that caused it to each device. */
export type AlertStory = Sent<typeof answers.AlertStory>;
/** What somebody is, or was, reminded of. */
export type ListedReminder = Sent<typeof answers.ReminderPage>['items'][number];
/** What changed in the inbox, on whichever device. */
export type InboxNews = Sent<typeof payloads.InboxNews>;

/** A conversation as this person sees it. */
export type Conversation = Sent<typeof answers.Conversation>;
/** What somebody said in a conversation. */
export type ConversationMessage = Sent<typeof answers.ConversationMessage>;
/** A page of what was said. */
export type MessagePage = Sent<typeof answers.MessagePage>;
/** How far this person has read. */
export type ReadTo = Sent<typeof answers.ReadTo>;
/** What members of a conversation are told, by the names of the events. */
export interface ConversationEvents {
  readonly 'new-message': Sent<typeof payloads.NewMessage>;
  readonly 'messages-read': Sent<typeof payloads.MessagesRead>;
  readonly 'messages-delivered': Sent<typeof payloads.MessagesDelivered>;
  readonly 'conversation-updated': Sent<typeof payloads.ConversationUpdated>;
  readonly 'conversation-deleted': Sent<typeof payloads.ConversationDeleted>;
  readonly 'user-typing': Sent<typeof payloads.UserTyping>;
  readonly 'user-stop-typing': Sent<typeof payloads.UserStopTyping>;
}

/** A page of a list; `next` names the page after it, null at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** What a notification's `data` holds when an appointment rang. Other types bring what they like. */
export interface AppointmentEvent {
  readonly appointmentId: number;
  readonly startsAt: string;
  readonly by: number;
}

type Sent<Schema extends z.ZodType> = Frozen<z.output<Schema>>;

type Frozen<T> = T extends object ? { readonly [Key in keyof T]: Frozen<T[Key]> } : T;
