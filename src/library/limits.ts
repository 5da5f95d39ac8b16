const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/**
 * Every limit, timeout and interval with its default: the unit is in the name, the abuse it stops beside it.
 * Each is a setting, `bodyBytes` is LIMIT_BODY_BYTES; src/config.ts alone reads settings over these.
 */
export const limits = {
  // Frames (STOMP 1.2, Size Limits): checked before the bytes are kept.
  /** A body that fills memory. stompjs' own suite sends 1,023 KiB. */
  bodyBytes: 1 * MIB,
  /** Header floods. */
  headers: 100,
  /** A header line, or a command line, without end. */
  headerLineBytes: 10 * KIB,

  // One connection
  /** Sockets that open and say nothing. */
  connectMs: 5 * SECOND,
  /** What may come before CONNECT is whole: long messages of thousands who haven't said who they are. */
  connectBytes: 64 * KIB,
  /** Fragments, or reads, of a WebSocket message that isn't whole: bytes that each take the memory of a hundred. */
  messagePieces: 16_384,
  /** Long destinations, and deep patterns: each segment costs memory for as long as it is subscribed. */
  destinationCharacters: 1_024,
  patternSegments: 32,
  /** Names that a client gives (subscriptions, transactions) and that are kept: a long one for each of thousands. */
  nameCharacters: 255,
  /** Tables of subscriptions without end. */
  subscriptions: 1_000,
  /** Subscriptions of a connection that show the same address, patterns too: one message that becomes a thousand. */
  subscriptionsPerAddress: 16,
  /** Messages that are delivered and never settled, and bytes of those that their queue keeps in memory for it. */
  unsettled: 1_000,
  unsettledBytes: 8 * MIB,
  /** What BEGIN collects before COMMIT. */
  transactionBytes: 8 * MIB,
  /** Frames whose work isn't finished, and their bytes; above either the socket isn't read. */
  pendingFrames: 1_000,
  pendingBytes: 8 * MIB,
  /** Frames that are taken in one turn of the event loop, so that nobody else waits for a long message. */
  framesAtOnce: 250,
  /** Of one turn of the event loop: frames and deliveries that come after it go on in the next, so that others have theirs. */
  turnMs: 40,
  /** Bytes read ahead while a frame's turn lasts; above it the socket isn't read. */
  heldBytes: 64 * KIB,
  /** Streams that methods began for a client, and that never end. */
  streams: 100,
  /** An /app method that never returns. */
  handlerMs: 30 * SECOND,
  /** How long an ERROR waits for the RECEIPTs of frames before it. */
  errorWaitMs: 5 * SECOND,

  /**
   * How far the wall clock may be set ahead without ending a login early on what is open, and how often it is looked at:
   * an operator's or NTP's step must throw nobody out.
   */
  clockStepMs: 1 * MINUTE,

  // Outbound: a reader that doesn't read
  /** At once. */
  outboxBytes: 8 * MIB,
  /** For longer than `outboxStallMs`. A quarter of it is "room" for what is stored. */
  outboxSoftBytes: 1 * MIB,
  outboxStallMs: 10 * SECOND,
  /** A close that its client doesn't read is cut. */
  closeMs: 1 * SECOND,
  /** What is read and thrown away after an ERROR, so that a TCP reset doesn't eat it. */
  lingerBytes: 1 * MIB,
  /** Half-open connections: after this silence the kernel asks whether the peer is there. */
  tcpKeepAliveMs: 1 * MINUTE,
  /** Time in which another library has to answer an upgrade that isn't for a path of ours. Stops sockets that nobody reads. */
  foreignUpgradeMs: 5 * SECOND,
  /** After so long without a write a WebSocket is pinged, and STOMP on TCP gets a LF: proxies end silent connections. */
  pingMs: 25 * SECOND,

  // Heart-beats (STOMP 1.2, Heart-beating): what a client may ask for is clamped to this.
  heartbeatMinMs: 1 * SECOND,
  heartbeatMaxMs: 10 * SECOND,
  /** Silence that is tolerated over SockJS's HTTP transports, whose requests may be a minute apart. */
  heartbeatHttpMarginMs: 70 * SECOND,

  // One user, one address: an IPv4 address, or the /64 of an IPv6 one
  connectionsPerUser: 100,
  // One user over all connections: what is allowed to each, a hundred times. Twice the bytes is what they can come to
  // together, since a connection with less than an equal part isn't made to pay for the others.
  subscriptionsPerUser: 5_000,
  /** Frames that have begun and not ended. */
  inputBytesPerUser: 32 * MIB,
  /** The same of all who haven't signed in, together. */
  inputBytesOfStrangers: 64 * MIB,
  /** Frames whose work isn't finished. */
  pendingBytesPerUser: 32 * MIB,
  transactionBytesPerUser: 32 * MIB,
  unsettledBytesPerUser: 32 * MIB,
  outboxBytesPerUser: 32 * MIB,
  connectionsPerAddress: 5_000,

  // HTTP
  /** Requests that are handled at once, in all and of one address; what is over it waits for its turn. */
  requests: 1_024,
  requestsPerAddress: 128,
  /** Requests of one address, or of one user, that wait for their turn. */
  requestsWaiting: 1_000,
  /** Requests with a long body that still comes, in all and of one address: clients that send it slowly, or never all of it. */
  requestBodies: 256,
  requestBodiesPerAddress: 32,
  /** A request that is handled for longer than this waits for something, as a long poll does, and isn't counted any more. */
  requestPlaceMs: 10 * SECOND,
  /** Of one turn of the event loop: requests that are parsed or begun after it wait for the next, addresses in turn. */
  requestTurnMs: 5,
  /** Of each second: the time in which what one address sends is parsed. Bodies in chunks of a byte. */
  requestParseMs: 250,
  /** A client that reads nothing of its answer for so long. */
  answerStallMs: 30 * SECOND,
  /** A POST on a SockJS transport, and what of it may wait unhandled. */
  sockjsPostBytes: 8 * MIB,
  /** What a streaming response carries before its client has to ask for the next; browsers keep all of it. */
  sockjsResponseBytes: 128 * KIB,
  /** A SockJS session whose client doesn't come back for the next response. */
  sockjsDisconnectMs: 5 * SECOND,
  sockjsHeartbeatMs: 25 * SECOND,
  /** Chunks of a body that carry less than 64 bytes on average: each costs a call and an object, whatever it carries. */
  bodyPieces: 1_000,
  /** Nested arrays and objects in a body: whatever walks them by recursion runs out of stack. */
  jsonDepth: 64,
  /** Values in a body: a schema may find fault with each. */
  jsonValues: 100_000,
  sseHeartbeatMs: 15 * SECOND,
  sseRetryMs: 3 * SECOND,

  /** Rows of a log that a reader who catches up reads at a time. */
  feedPageMessages: 200,
  /** How often it is looked whether followed logs have more than was heard of; and while that fails, or a commit is in doubt. */
  headsEveryMs: 30 * SECOND,
  headsTroubleMs: 2 * SECOND,
  /** For how long a commit whose answer was lost may still become visible: longer than a statement may take. */
  headsDoubtMs: 15 * SECOND,
  /** Logs that are asked for their head in one question. */
  headsAtOnce: 5_000,
  /** The pause after the store failed where no client waits for its answer. */
  storeRetryMs: 1 * SECOND,

  // Retention: rows that go in one step, and the time between looks.
  pruneRows: 500,
  /** Rows that "mark all" changes in one unit of work; others write between two. */
  markRows: 500,
  pruneEveryMs: 60 * MINUTE,

  // The store
  /** Units of work that share one commit on SQLite. */
  writeBatch: 256,
  /** About how long those take together before their COMMIT: whoever comes meanwhile waits for it. */
  writeBatchMs: 10,
  writeUnitMs: 5 * SECOND,
  /** Work that waits for the write lane. */
  writeWaiting: 10_000,
  /** How often a unit is run that PostgreSQL refused for its neighbours' sake (deadlock, serialization). */
  writeAttempts: 5,
  /** Waiting for a lock that another process holds on the SQLite file, or for a connection to PostgreSQL. */
  databaseWaitMs: 5 * SECOND,
  /** The same at start, while another node migrates. */
  migrationWaitMs: 1 * MINUTE,
  /** Waiting at start for the process before this one to let the database go. */
  claimWaitMs: 2 * SECOND,
  /** How often the connection that holds this node's claim to PostgreSQL is asked whether it is there. */
  claimCheckMs: 10 * SECOND,
  /** Questions to SQLite that are under way: the writer's statements stand behind them in the line for four threads. */
  databaseReads: 32,
  /** Connections to PostgreSQL, for writing and again for reading. */
  databaseConnections: 10,
  /** For how long a request with an Idempotency-Key gets its first answer again. */
  keptAnswerMs: 24 * 60 * MINUTE,
  /** Answers of one user that are kept; at each look of the pruning the oldest above it go. Keys without end. */
  keptAnswers: 100_000,
  /** Messages of a queue, its dead letters among them: a queue that nobody consumes, or that nobody can. */
  queueMessages: 1_000_000,
  /** Queues that hold messages: names without end. */
  queues: 10_000,
  queueNameCharacters: 255,
  /** A message that nobody can process: after so many deliveries without ACK it goes to `/queue/dlq`. */
  queueDeliveries: 10,
  /** What of one queue is kept in memory while it has consumers. */
  queueWindowMessages: 1_000,
  queueWindowBytes: 8 * MIB,
};

export type Limits = Readonly<typeof limits>;

/** The defaults, but for what is given. What is given as undefined isn't: it would be no limit at all. */
export function limitsWith(given: Partial<Limits> = {}): Limits {
  const named = Object.entries(given).filter(([, value]) => (value as number | undefined) !== undefined);
  return { ...limits, ...(Object.fromEntries(named) as Partial<Limits>) };
}
