import type { Http } from './http.js';
import type { Appointment, DoctorHours, OpenTime, TimeOff } from './types.js';

/** A doctor's week. */
export function getHours(http: Http, doctorId: number): Promise<DoctorHours> {
  return http(`/doctors/${doctorId}/hours`);
}

/** @param version that was looked at */
export function setHours(
  http: Http,
  doctorId: number,
  items: readonly OpenTime[],
  version: number,
): Promise<DoctorHours> {
  return http(`/doctors/${doctorId}/hours`, { method: 'PUT', body: { items }, ifMatch: `"${version}"` });
}

/** Those that aren't over, or those of a span, by time. */
export async function listTimesOff(
  http: Http,
  doctorId: number,
  span: { readonly from: string; readonly to: string } | undefined,
  signal?: AbortSignal,
): Promise<readonly TimeOff[]> {
  const query = span ? `?${new URLSearchParams(span)}` : '';
  const { items } = await http<{ readonly items: readonly TimeOff[] }>(
    `/doctors/${doctorId}/times-off${query}`,
    signal ? { signal } : {},
  );
  return items;
}

/** Blocks a time. */
export function addTimeOff(
  http: Http,
  doctorId: number,
  timeOff: Omit<TimeOff, 'id'>,
  key: string,
): Promise<TimeOff> {
  return http(`/doctors/${doctorId}/times-off`, { method: 'POST', body: timeOff, key });
}

/** Gives a blocked time back. */
export function removeTimeOff(http: Http, doctorId: number, id: number): Promise<void> {
  return http(`/doctors/${doctorId}/times-off/${id}`, { method: 'DELETE' });
}

/** Appointments to come outside of the hours, or in a time off. */
export async function listMisplaced(http: Http, doctorId: number): Promise<readonly Appointment[]> {
  const { items } = await http<{ readonly items: readonly Appointment[] }>(`/doctors/${doctorId}/misplaced`);
  return items;
}
