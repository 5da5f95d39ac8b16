import type { z } from 'zod';
import type { answers } from '../../../src/clinic/contract/answers.js';
import type { payloads } from '../../../src/clinic/contract/messages.js';

/** The wire's shapes, as the server's own schemas have them: what it answers, and what it sends over STOMP. */

export type User = Sent<typeof answers.Person>;
export type Role = User['role'];
export type Login = Sent<typeof answers.LoginAnswer>;
export type Demo = Sent<typeof answers.DemoCards>;
export type Clinic = Sent<typeof answers.Clinic>;
export type Doctor = Sent<typeof answers.Doctor>;
export type Slot = Sent<typeof answers.Slot>;
export type Slots = Sent<typeof answers.Slots>;
export type Appointment = Sent<typeof answers.Appointment>;
export type AppointmentStatus = Appointment['status'];
export type Notification = Sent<typeof answers.Notification>;
export type Counts = Sent<typeof answers.Counts>;
export type NotificationPage = Sent<typeof answers.NotificationPage>;
export type AnnouncementPage = Sent<typeof answers.AnnouncementPage>;
export type Announcement = AnnouncementPage['items'][number];
export type DashboardStats = Sent<typeof payloads.Dashboard>;
export type InboxNews = Sent<typeof payloads.InboxNews>;

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
