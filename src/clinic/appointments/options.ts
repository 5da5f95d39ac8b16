import type { Clock } from '../../library/broker/clock.js';
import type { Limits } from '../limits.js';

/** The settings of the appointments' module. */
export interface AppointmentsOptions {
  /** IANA zone of its hours and texts. */
  readonly clinicZone: string;
  readonly limits: Limits;
  readonly clock: Clock;
}

/** The injection token of the options of appointments. */
export const APPOINTMENTS_OPTIONS = Symbol('carillon:appointments-options');

/** What the dashboard shows of the nodes, and which of them shows it. */
export interface NodeOverview {
  /** Connections that are open on all nodes. */
  connections(): number;
  /** Whether this is the one that publishes what all have. */
  isFirst(): boolean;
  /** Whether appointments are changed on other nodes too. */
  hasOthers(): boolean;
}

/** Of `Nodes`. */
export const NODES = Symbol('carillon:nodes');
