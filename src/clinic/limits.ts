import { limits as library } from '../library/limits.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/**
 * The limits of the library, and the clinic's own: the unit is in the name.
 * Each is a setting, `bookingDays` is LIMIT_BOOKING_DAYS; src/config.ts alone reads settings over these.
 */
export const limits = {
  ...library,

  // Signing in
  /** Accounts that one address may register within an hour. Stops accounts without end. */
  registrationsPerHour: 1_000,
  /** Guessing a password: failures for an account from an address within `loginWindowMs`. */
  loginFailures: 10,
  loginWindowMs: 15 * MINUTE,
  /** Accounts and addresses whose failures are remembered; the oldest are forgotten first. */
  loginAccounts: 100_000,
  /** A good password is remembered, since checking one costs tens of milliseconds. */
  passwordCacheMs: 1 * MINUTE,
  /** Passwords that are checked at once: each holds one of the four threads that the database needs too. */
  passwordChecks: 2,
  /** Passwords that wait to be checked or hashed, and of these from one network: one that takes the turns of all. */
  passwordChecksWaiting: 1_000,
  passwordChecksWaitingPerNetwork: 100,

  // The issuer of tokens (JWKS_URL)
  /** An issuer that answers slowly, or never ends. */
  issuerMs: 5 * SECOND,
  /** An issuer that answers with something else. */
  issuerBytes: 256 * KIB,
  /** Keys older than this are asked for anew. */
  issuerKeysMs: 10 * MINUTE,
  /** The pause after each question, whatever it came to: tokens that name keys that nobody knows. */
  issuerPauseMs: 5 * SECOND,
  /** For how long the last good keys are used while the issuer can't be asked: a key that was withdrawn meanwhile counts. */
  issuerOutageMs: 24 * 60 * MINUTE,
  // HTTP
  /** Requests of one user that are handled at once, from wherever. Stops one user whose changes stand before all others'. */
  requestsPerUser: 64,
  /** The head of a request; and the time that one may take to come, also the first of a socket, and all of it. */
  requestHeadBytes: 16 * KIB,
  requestHeadMs: 10 * SECOND,
  requestMs: 1 * MINUTE,
  /** A connection that is kept for the next request. */
  keepAliveMs: 5 * SECOND,
  /** The body of a request. Stops bodies that fill memory. */
  requestBodyBytes: 1 * MIB,
  /** Items of a page at most. Stops one request that reads a whole table. */
  pageItems: 100,
  /** Recipients whose names are remembered. */
  recipients: 10_000,
  /** For how long a ticket can be used the first time. Stops tickets that are found in a log. */
  ticketMs: 30 * SECOND,
  /** Tickets of one session whose streams may come again. */
  tickets: 100,
  /** How long a token lasts. Stops a stolen one from serving for longer. */
  tokenMs: 60 * MINUTE,
  /** How long a login lasts at most, however often its token is refreshed. */
  sessionMs: 14 * 24 * 60 * MINUTE,
  /** Logins of one user that nothing lives on; the oldest above it end. A login in a loop. */
  loginSessions: 100,
  /** How often /user/queue/inbox is told of new counts at most, and how many users' are counted at once. */
  inboxNewsMs: 100,
  inboxNewsUsers: 500,
  /** Changes, and marked rows, of one user that are told one by one at a time; more are one `reload`. */
  inboxNewsChanges: 20,
  inboxNewsIds: 1_000,
  /** How often /topic/dashboard-stats is published at most. */
  dashboardMs: 1 * SECOND,
  /** How often other nodes' revocations are looked for. */
  revocationPollMs: 1 * SECOND,

  /** Lines that wait for a log that nobody reads, or that can't be written; what comes then is dropped and counted. */
  logBytes: 1 * MIB,

  // The clinic's calendar
  /** How many days ahead a time can be booked: a calendar that is full for years. */
  bookingDays: 180,
  /** Appointments to come that a patient may have when he books another one: one person who takes all the time. */
  openBookings: 20,
  /** What one of them counts for at least: together they have `openBookings` times this. A few that block a doctor for weeks. */
  openBookingMinutes: 30,
  /** Changes of one appointment by one person within an hour, each of which rings at two others' devices. */
  appointmentChanges: 30,
  /** What one patient books and changes within an hour: rows of the history and of inboxes without end. */
  patientEvents: 200,

  // The process
  /** What anybody may ask for and is dear to make, /metrics and /readyz, is made this often at most. */
  refreshMs: 1 * SECOND,
  /** A database that doesn't answer makes this node not ready. */
  readyMs: 2 * SECOND,
  /** Requests in flight when the node stops; then they are cut. */
  requestDrainMs: 1 * SECOND,
  /** A stop that doesn't end, the drain included, is ended. */
  stopMs: 9_500,
};

export type Limits = Readonly<typeof limits>;
