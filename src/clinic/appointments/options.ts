import type { Limits } from '../limits.js';

/** The settings of the appointments' module. */
export interface AppointmentsOptions {
  /** IANA zone of its hours and texts. */
  readonly clinicZone: string;
  readonly limits: Limits;
}

export const APPOINTMENTS_OPTIONS = Symbol('carillon:appointments-options');

/** `() => number`: how many connections are open on this node. */
export const CONNECTION_COUNT = Symbol('carillon:connection-count');
