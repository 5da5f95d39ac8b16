import type { Http } from './http.js';
import type {
  Appointment,
  AppointmentStatus,
  Clinic,
  Doctor,
  Page,
  History,
  Patient,
  Slots,
} from './types.js';

/** A span of time, in ISO 8601; `to` is exclusive. */
export interface Span {
  readonly from?: string;
  readonly to?: string;
}

/** What a booking asks for. */
export interface Booking {
  readonly doctorId: number;
  readonly startsAt: string;
  readonly durationMinutes: number;
  readonly reason?: string;
  /** Of whom it is, unless patients book for themselves. */
  readonly patientId?: number;
  /** The patient is meant to have two appointments at that time. */
  readonly confirm?: true;
}

const pageSize = 100;
/** For so long what tells somebody can be taken back, and nobody is told. */
const undoMs = 10_000;
/** A list that is longer than this belongs on more than one screen. */
const maxPages = 10;
/** So many rows are listed at most, the earliest. */
export const maxListed = maxPages * pageSize;

/** All appointments of a span, however many pages the server makes of them. */
export async function listAppointments(http: Http, span: Span): Promise<readonly Appointment[]> {
  const rows: Appointment[] = [];
  let after: string | null = null;
  for (let i = 0; i < maxPages; i++) {
    const query = new URLSearchParams({ ...span, limit: String(pageSize), ...(after !== null && { after }) });
    const page: Page<Appointment> = await http(`/appointments?${query}`);
    rows.push(...page.items);
    after = page.next;
    if (after === null) break;
  }
  return rows;
}

/** Reads one appointment. */
export function getAppointment(http: Http, id: number): Promise<Appointment> {
  return http(`/appointments/${id}`);
}

/**
 * Books an appointment.
 * @param key the same for each try of one booking: it is made once
 */
export function book(http: Http, booking: Booking, key: string): Promise<Appointment> {
  return http('/appointments', { method: 'POST', body: booking, key });
}

/**
 * Moves an appointment.
 * @param key the same for each try of one change: it is made once
 */
export function reschedule(
  http: Http,
  id: number,
  change: Pick<Booking, 'startsAt' | 'durationMinutes' | 'confirm'>,
  key: string,
): Promise<Appointment> {
  return http(`/appointments/${id}`, { method: 'PATCH', body: change, key });
}

/**
 * Says how far an appointment has come.
 * @param key the same for each try of one change: it is made once
 */
export function setStatus(
  http: Http,
  id: number,
  status: AppointmentStatus,
  key: string,
): Promise<Appointment> {
  return http(`/appointments/${id}/status`, { method: 'PUT', body: { status, undoMs }, key });
}

/**
 * Cancels an appointment.
 * @param key the same for each try of one change: it is made once
 */
export function cancel(http: Http, id: number, reason: string, key: string): Promise<Appointment> {
  return http(`/appointments/${id}/cancel`, {
    method: 'POST',
    body: { undoMs, ...(reason !== '' && { reason }) },
    key,
  });
}

/** Reads what everybody may know of the clinic. */
export function getClinic(http: Http): Promise<Clinic> {
  return http('/clinic');
}

/** Reads the clinic's doctors. */
export async function listDoctors(http: Http): Promise<readonly Doctor[]> {
  const { items } = await http<Page<Doctor>>('/doctors');
  return items;
}

/** Reads the time that a doctor has free on a day. */
export function freeSlots(http: Http, doctorId: number, day: string, signal?: AbortSignal): Promise<Slots> {
  return http(`/doctors/${doctorId}/slots?date=${day}`, signal ? { signal } : {});
}

/** What happened to it, oldest first, of what its people are reminded, and whom all that has reached. */
export function getHistory(http: Http, id: number): Promise<History> {
  return http(`/appointments/${id}/history`);
}

/** As an iCalendar file. */
export function getCalendarFile(http: Http, id: number): Promise<string> {
  return http(`/appointments/${id}/ics`, { as: 'text' });
}

/** A word to its patient. */
export function messagePatient(http: Http, id: number, message: string, key: string): Promise<void> {
  return http(`/appointments/${id}/message`, { method: 'POST', body: { message }, key });
}

/** @param search two letters or more */
export async function searchPatients(
  http: Http,
  search: string,
  signal: AbortSignal,
): Promise<readonly Patient[]> {
  const query = new URLSearchParams({ search });
  const { items } = await http<{ readonly items: readonly Patient[] }>(`/patients?${query}`, { signal });
  return items;
}

/** Takes back what isn't made yet. */
export function takeBack(http: Http, id: number): Promise<Appointment> {
  return http(`/appointments/${id}/pending-change`, { method: 'DELETE' });
}
