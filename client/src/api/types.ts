/** The wire's shapes, as the REST API and STOMP send them. */

export type Role = 'patient' | 'doctor' | 'operator';

export interface User {
  readonly id: number;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
}

export interface Login {
  readonly token: string;
  readonly expiresAt: string;
  readonly user: User;
}

export interface Demo {
  readonly users: readonly Pick<User, 'email' | 'name' | 'role'>[];
  readonly password: string;
}

export interface Doctor {
  readonly id: number;
  readonly name: string;
  readonly specialty: string;
}

export interface Clinic {
  /** IANA zone: all times are by this clock. */
  readonly zone: string;
  /** YYYY-MM-DD: the last day that can be booked today. */
  readonly lastDay: string;
}

/** Free time of a doctor. */
export interface Slot {
  readonly startsAt: string;
  readonly endsAt: string;
}

export interface Slots {
  readonly items: readonly Slot[];
  /** The clinic's IANA zone. */
  readonly zone: string;
}

/** FHIR R5 AppointmentStatus. */
export type AppointmentStatus =
  | 'proposed'
  | 'pending'
  | 'waitlist'
  | 'booked'
  | 'arrived'
  | 'checked-in'
  | 'fulfilled'
  | 'noshow'
  | 'cancelled'
  | 'entered-in-error';

export interface Appointment {
  readonly id: number;
  readonly patientId: number;
  readonly patientName: string;
  readonly doctorId: number;
  readonly doctorName: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly durationMinutes: number;
  readonly status: AppointmentStatus;
  readonly reason: string | null;
  readonly zone: string;
  readonly version: number;
}

/** What a notification's `data` holds when an appointment rang. Other types bring what they like. */
export interface AppointmentEvent {
  readonly appointmentId: number;
  readonly startsAt: string;
  readonly by: number;
}

export interface Notification {
  readonly id: number;
  readonly message: string;
  readonly isRead: boolean;
  readonly isSeen: boolean;
  readonly isArchived: boolean;
  readonly timestamp: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly cursor: string;
  readonly seq: number;
}

export interface Counts {
  readonly unseen: number;
  readonly unread: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface NotificationPage extends Page<Notification> {
  readonly counts: Counts;
  readonly cursor: string;
}

export interface DashboardStats {
  readonly connections: number;
  readonly appointmentsToday: number;
  readonly byStatus: Readonly<Partial<Record<AppointmentStatus, number>>>;
}
