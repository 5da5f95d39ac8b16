/** What a client has to know before there is any appointment. */
export interface Clinic {
  /** IANA: all times are by this clock. */
  readonly zone: string;
  /** `YYYY-MM-DD`, by that clock: the last day that can be booked today. */
  readonly lastDay: string;
}
