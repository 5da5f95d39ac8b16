/** What an attacker is told, as it goes to its process. */
export interface Job {
  readonly scenario: string;
  readonly seed: number;
  readonly seconds: number;
  readonly port: number;
  readonly tcpPort: number;
  /** Where it comes from. */
  readonly localAddress: string;
  readonly account: Account;
  readonly doctorId: number;
}

/** A patient's, whom the clinic knows nothing bad of. */
export interface Account {
  readonly id: number;
  readonly email: string;
  readonly token: string;
  /** One appointment, and a notification of it with its cursor. */
  readonly appointmentId: number;
  readonly notificationId: number;
  readonly cursor: string;
}

/** What it did and what it was answered. */
export interface Spoils {
  /** By status, code or close. */
  readonly answers: Readonly<Record<string, number>>;
  /** Connections that it had open at once, at most. */
  readonly sockets: number;
}
