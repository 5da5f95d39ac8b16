import { limits as library } from '../library/limits.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/**
 * The limits of the library, and the clinic's own: the unit is in the name, what it means and stops above it.
 * Each is a setting, `bookingDays` is LIMIT_BOOKING_DAYS; src/config.ts alone reads settings over these.
 */
export const limits = {
  ...library,

  // Signing in
  /** Accounts that one address may register within an hour. Stops accounts without end. */
  registrationsPerHour: 1_000,
  /** Wrong passwords for an account from an address within `loginWindowMs`. Stops guesses. */
  loginFailures: 10,
  /** Time for which a wrong password counts. */
  loginWindowMs: 15 * MINUTE,
  /**
   * Accounts and addresses whose wrong passwords are remembered; the oldest are forgotten first. Stops names without
   * end.
   */
  loginAccounts: 100_000,
  /** Time for which a right password is remembered, since a check takes tens of milliseconds. */
  passwordCacheMs: 1 * MINUTE,
  /** How long a link lasts by which a forgotten password is replaced, or a new address confirmed. Stops links that lie in old mail. */
  resetMs: 60 * MINUTE,
  /** Such links of one account, and mails to it, or to an address, within an hour. Stops mails without end to somebody else. */
  resetsPerAccount: 3,
  /** Resets that one network asks for within an hour. Stops mails without end to many. */
  resetsPerNetwork: 30,
  /** Time for which nobody else gets an address that somebody had. Longer than `recipientsMs`. Stops what still means them from reaching another. */
  formerEmailMs: 24 * 60 * MINUTE,
  /** Passwords that are checked at once: each holds one of the four threads that the database needs too. */
  passwordChecks: 2,
  /** Passwords that wait to be checked or hashed. Stops lines without end. */
  passwordChecksWaiting: 1_000,
  /** The same of one network. Stops one that takes the turns of all. */
  passwordChecksWaitingPerNetwork: 100,

  // The issuer of tokens (JWKS_URL)
  /** Time that the issuer has to answer. Stops an answer that never ends. */
  issuerMs: 5 * SECOND,
  /** Bytes of its answer. Stops an issuer that answers with something else. */
  issuerBytes: 256 * KIB,
  /** Age at which its keys are asked for anew. */
  issuerKeysMs: 10 * MINUTE,
  /** Pause after each question, whatever the answer was. Stops tokens that name keys that nobody knows. */
  issuerPauseMs: 5 * SECOND,
  /**
   * Time for which the last good keys are used while the issuer can't be asked. Until then a key that it withdrew
   * still counts.
   */
  issuerOutageMs: 24 * 60 * MINUTE,

  // HTTP
  /**
   * Requests of one user that are handled at once, from wherever. Stops one user whose changes stand before all
   * others'.
   */
  requestsPerUser: 64,
  /** The head of a request. Stops heads that fill memory. */
  requestHeadBytes: 16 * KIB,
  /** Time that a request's head may take, and the first of a socket. Stops sockets that send a byte now and then. */
  requestHeadMs: 10 * SECOND,
  /** Time that a whole request may take. Stops bodies that come a byte at a time. */
  requestMs: 1 * MINUTE,
  /**
   * Time that a connection is kept for the next request: longer than balancers keep one (60 s), or one of them sends a
   * request where the connection is just being closed. Stops sockets that are left open.
   */
  keepAliveMs: 75 * SECOND,
  /** The body of a request. Stops bodies that fill memory. */
  requestBodyBytes: 1 * MIB,
  /** Items of a page. Stops one request that reads a whole table. */
  pageItems: 100,
  /** Recipients whose names are remembered. */
  recipients: 10_000,
  /** Time for which they are: a node that wasn't told of a new address learns it then. */
  recipientsMs: 1 * MINUTE,
  /** Time in which a ticket can be used first. Stops tickets that are found in a log. */
  ticketMs: 30 * SECOND,
  /** Tickets of one login whose streams may come again. Stops tickets without end. */
  tickets: 100,
  /** How long a token lasts. Stops a stolen one from serving for longer. */
  tokenMs: 60 * MINUTE,
  /**
   * How long a login lasts at most, however often its token is refreshed. Stops a token that is refreshed for ever.
   */
  sessionMs: 14 * 24 * 60 * MINUTE,
  /** How long a login lasts, renewed or not, of somebody who chose to stay signed in. */
  stayMs: 14 * 24 * 60 * MINUTE,
  /** Logins of one user that nothing lives on; the oldest above it end. Stops logins in a loop. */
  loginSessions: 100,
  /** Interval at which /user/queue/inbox is told of new counts, at most. */
  inboxNewsMs: 100,
  /** Users whose inboxes are counted at once. */
  inboxNewsUsers: 500,
  /** Changes of one user that are told one by one; more are one `reload`. */
  inboxNewsChanges: 20,
  /** Marked rows that are named in them; more are one `reload`. */
  inboxNewsIds: 1_000,
  /** Interval at which /topic/dashboard-stats is published, at most. */
  dashboardMs: 1 * SECOND,
  /** Interval at which other nodes' revocations are looked for. */
  revocationPollMs: 1 * SECOND,

  /**
   * Lines that wait for a log that nobody reads, or that can't be written; what comes then is dropped and counted.
   */
  logBytes: 1 * MIB,

  // The clinic's calendar
  /** Days ahead that a time can be booked. Stops a calendar that is full for years. */
  bookingDays: 180,
  /**
   * Appointments to come that a patient may have when they book another one. Stops one person who takes all the time.
   */
  openBookings: 20,
  /**
   * Minutes that each of them stands for: together they have `openBookings` times this. Stops a few long ones that
   * block a doctor for weeks.
   */
  openBookingMinutes: 30,
  /** Blocked times to come of a doctor. Stops rows without end. */
  timesOff: 500,
  /** Appointments of a doctor to come that are looked through for those outside of the hours. */
  misplacedLookedAt: 5_000,
  /** Patients that a search finds. Stops a page that is everybody. */
  patientsFound: 20,
  /** Words to patients of one author within an hour. Stops inboxes that are filled by somebody else's keyboard. */
  patientMessages: 100,
  /** Readings of one calendar feed within an hour. Stops calendars that ask without end. */
  feedReads: 120,
  /** Appointments of a calendar feed. Stops one reading that is a whole table. */
  feedAppointments: 1_000,
  /** Changes of one appointment by one person within an hour, each of which rings on two others' devices. */
  appointmentChanges: 30,
  /** What one patient books and changes within an hour. Stops rows of the history and of inboxes without end. */
  patientEvents: 200,

  /** Interval at which it is looked for reminders, and for changes that could be taken back, that are due. */
  dueEveryMs: 1 * SECOND,
  /** Reminders that are sent in one unit of work. Stops ten thousand of one second from holding up everybody. */
  reminderBatch: 50,
  /** Time before an appointment from which on a reminder that is late isn't sent any more. */
  reminderNoticeMs: 15 * MINUTE,

  // Alerts that go to people who aren't looking
  /** Time in which an alert can be seen in the page before it is pushed. Stops a push for what somebody looks at. */
  pushAfterMs: 3 * SECOND,
  /** The same before it is mailed. */
  emailAfterMs: 1 * MINUTE,
  /** Time before the start in which a cancellation is critical. */
  criticalWithinMs: 24 * 60 * MINUTE,
  /** Time in which a critical alert can be seen before it is pushed, also to who has the page in view. */
  criticalPushMs: 10 * SECOND,
  /** The same before it is mailed. */
  criticalEmailMs: 5 * MINUTE,
  /** Age at which an alert isn't sent any more that is about no appointment to come. */
  alertUsefulMs: 24 * 60 * MINUTE,
  /** Interval at which it is looked for what is due. */
  deliveryPollMs: 1 * SECOND,
  /** Deliveries that are sent at once, on each channel. */
  deliveriesAtOnce: 16,
  /** Of these, those of one person. Stops ten devices whose push services all hang from taking the places of all. */
  deliveriesAtOncePerUser: 10,
  /** Time that a push service or a mail server has to answer. Stops one that hangs. */
  deliveryMs: 10 * SECOND,
  /** Time for which a push holds its place; another one begins then, beside it. Stops slow push services from holding up others. */
  pushPlaceMs: 1 * SECOND,
  /** Time after which another node sends what a node has taken: it is dead by then. Longer than `deliveryMs`. */
  deliveryLeaseMs: 1 * MINUTE,
  /** Attempts of one delivery; then it has failed. */
  deliveryAttempts: 8,
  /** Pause after the first attempt that failed; each is four times as long as the last, an hour at most. */
  deliveryRetryMs: 5 * SECOND,
  /** Time for which a push service isn't asked that didn't answer. Stops one from holding up the others. */
  deliveryOutageMs: 30 * SECOND,
  /** Push services of whose silence a node knows. Stops names without end. */
  pushServices: 1_000,
  /** Devices of one person that take pushes; the oldest goes. Stops pushes that multiply. */
  pushDevices: 10,
  /** Tests of devices that one person may have within an hour. Stops posts to hosts that they name. */
  pushTestsPerHour: 20,
  /** Deliveries, the newest, that operators see counted. Stops a look that goes through a whole table. */
  deliveriesCounted: 10_000,
  /** Interval at which devices of ended logins are removed. */
  pushSweepMs: 10 * SECOND,

  // Conversations
  /** Members of a conversation, each of whom hears every message. Stops one message that is thousands. */
  conversationMembers: 100,
  /** Conversations that one person has begun and that are kept. Stops conversations in a loop. */
  conversationsPerUser: 1_000,
  /**
   * Time after which a deleted conversation is forgotten, and its place is free. With less than an hour, what was said in it
   * no longer counts for `messagesPerHour`. Stops conversations that are begun and deleted in a loop.
   */
  deletedConversationMs: 24 * 60 * MINUTE,
  /** Messages that a conversation keeps; the oldest above it go. Stops a conversation without end. */
  conversationMessages: 100_000,
  /** Messages of one person within an hour. Stops a sender that floods. */
  messagesPerHour: 1_000,
  /** Time in which changes of a conversation, and pointers of one reader, are told as one. */
  conversationNewsMs: 100,
  /** Messages that are named when they were read; of more only the newest are, and up to which. */
  readIds: 500,
  /** Time that a message may be unread before it rings in its reader's inbox. */
  conversationBellMs: 2 * SECOND,
  /** Time after which somebody types no more who hasn't said so. */
  typingMs: 10 * SECOND,
  /** Interval at which it is passed on that somebody types, at most. */
  typingEveryMs: 3 * SECOND,
  /** Interval at which it is noted who is here. */
  presenceMs: 1 * MINUTE,
  /** Time after which somebody isn't here any more of whom nothing was noted: two intervals, and what they drift. */
  presentMs: 140 * SECOND,

  // The process
  /** Age of /metrics and /readyz: what anybody may ask for is made this often at most. */
  refreshMs: 1 * SECOND,
  /** Time that the database has to answer before this node isn't ready. */
  readyMs: 2 * SECOND,
  /** Time that requests in flight have when the node stops; then they are cut. */
  requestDrainMs: 1 * SECOND,
  /** Time that a stop may take, the drain included. Stops a stop that never ends. */
  stopMs: 9_500,
};

/** A value for each of the clinic's limits, and of the library's. */
export type Limits = Readonly<typeof limits>;
