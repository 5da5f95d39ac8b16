/** What a simulation did and saw, in the order in which it happened. */
export interface History {
  readonly deeds: readonly Deed[];
  readonly looks: readonly Look[];
  readonly told: readonly Told[];
  /** Minutes before the start. */
  readonly offsets: readonly number[];
  readonly noticeMs: number;
}

/** An appointment got a start, or lost it. */
export interface Deed {
  readonly step: number;
  readonly at: number;
  readonly appointmentId: number;
  /** Undefined: it was cancelled. */
  readonly startsAt: number | undefined;
}

/** A node has looked for what is due, to the end. */
export interface Look {
  readonly step: number;
  readonly at: number;
}

/** A row came into a patient's inbox. */
export interface Told {
  readonly step: number;
  readonly at: number;
  readonly appointmentId: number;
  readonly startsAt: number;
  readonly offset: number;
}
