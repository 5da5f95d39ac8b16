const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/**
 * Every limit, timeout and interval with its default: the unit is in the name; the line above it says what it
 * means, and then the abuse it stops.
 * Each is a setting, `bodyBytes` is LIMIT_BODY_BYTES; src/config.ts alone reads settings over these.
 */
export const limits = {
  // Frames (STOMP 1.2, Size Limits): checked before the bytes are kept.
  /** The body of a frame, at most; stompjs' own suite sends 1,023 KiB. Stops bodies that fill memory. */
  bodyBytes: 1 * MIB,
  /** Headers of a frame. Stops header floods. */
  headers: 100,
  /** One line of a frame's head. Stops lines that never end. */
  headerLineBytes: 10 * KIB,

  // One connection
  /** Time from the open socket to CONNECT. Stops sockets that open and say nothing. */
  connectMs: 5 * SECOND,
  /** Bytes before CONNECT is whole. Stops long messages of thousands who haven't signed in. */
  connectBytes: 64 * KIB,
  /**
   * Fragments, or reads, of a WebSocket message that isn't whole. Stops bytes that each take the memory of a hundred.
   */
  messagePieces: 16_384,
  // JSON sockets
  /** One message of a JSON socket. Stops messages that fill memory. */
  jsonBytes: 1 * MIB,
  /** Messages of one JSON socket a second, and as many at once. Stops clients that send without end. */
  jsonMessagesPerSecond: 10,
  /** Event types and topics that one JSON socket is subscribed to. Stops tables without end. */
  jsonSubscriptions: 50,
  /** JSON sockets of this node that have signed in. Stops more than it has memory for. */
  jsonConnections: 1_000,
  /** JSON sockets of one network that haven't. Stops strangers that take the places of others. */
  jsonStrangers: 100,
  /** Subscribers of one channel, on all nodes. Stops messages that become thousands. */
  channelMembers: 1_000,
  /** Silence of a JSON socket, its pongs too. Stops sockets whose other end is gone. */
  jsonIdleMs: 5 * MINUTE,
  // Socket.IO
  /** Events of one Socket.IO client a second, and as many at once. Stops clients that send without end. */
  socketIoEventsPerSecond: 20,
  /** Packets in one POST of Socket.IO's polling. Stops a million of a byte each. */
  socketIoPackets: 1_000,
  /** Time that a Socket.IO client has to answer a ping. Stops those that went without a word, pollers above all. */
  socketIoPongMs: 20 * SECOND,

  /** Length of a destination. Stops long names that are kept for as long as they are subscribed. */
  destinationCharacters: 1_024,
  /** Segments of a pattern. Stops deep patterns, each segment of which takes memory. */
  patternSegments: 32,
  /**
   * Length of a name that a client gives and that is kept (subscription, transaction). Stops a long one for each of
   * thousands.
   */
  nameCharacters: 255,
  /** Subscriptions of one connection. Stops tables without end. */
  subscriptions: 1_000,
  /**
   * Subscriptions of one connection that show the same address, patterns too. Stops one message that becomes a
   * thousand.
   */
  subscriptionsPerAddress: 16,
  /** Messages that one connection was given and hasn't acknowledged. Stops a client that never does. */
  unsettled: 1_000,
  /** Bytes of those that their queue keeps in memory. Stops the same with large messages. */
  unsettledBytes: 8 * MIB,
  /** What a connection's transactions hold before COMMIT. Stops transactions that never end. */
  transactionBytes: 8 * MIB,
  /**
   * Frames of one connection whose work isn't done; above it the socket isn't read. Stops clients that send faster
   * than the store writes.
   */
  pendingFrames: 1_000,
  /** Bytes of those frames. Stops the same with large frames. */
  pendingBytes: 8 * MIB,
  /** Frames taken in one turn of the event loop. Stops one long read from holding up everybody. */
  framesAtOnce: 250,
  /**
   * Time that frames and deliveries may take of one turn of the event loop; the rest goes on in the next. Stops one
   * user from taking the turns of all.
   */
  turnMs: 40,
  /** Bytes read ahead while a frame's work lasts; above it the socket isn't read. */
  heldBytes: 64 * KIB,
  /** Streams that methods have begun for one client. Stops streams that never end. */
  streams: 100,
  /** Time that an /app method has. Stops methods that never return. */
  handlerMs: 30 * SECOND,
  /** Time that an ERROR waits for the RECEIPTs of frames before it. */
  errorWaitMs: 5 * SECOND,

  /**
   * How far the wall clock may be set ahead without an early end of the logins on open connections, and how often
   * that is looked at.
   */
  clockStepMs: 1 * MINUTE,

  // Outbound: a reader that doesn't read
  /** Bytes that wait for one reader; above it the reader is closed at once. Stops readers that don't read. */
  outboxBytes: 8 * MIB,
  /**
   * Bytes that may wait for one reader for `outboxStallMs`. Below a quarter of it there is capacity for what is
   * stored.
   */
  outboxSoftBytes: 1 * MIB,
  /** Time that a reader may stay above `outboxSoftBytes`. Stops readers that read too slowly. */
  outboxStallMs: 10 * SECOND,
  /** Time that a client has to answer a close. Stops clients that don't read it. */
  closeMs: 1 * SECOND,
  /**
   * Bytes read and thrown away after an ERROR or an answer, so that a reset of TCP doesn't destroy it. Stops bodies
   * that nobody reads.
   */
  lingerBytes: 1 * MIB,
  /** Time that a handshake of TLS has. Stops sockets that are opened and say nothing. */
  tlsHandshakeMs: 10 * SECOND,
  /** Interval at which the files of a certificate are read again. */
  tlsLookMs: 10 * SECOND,
  /** Silence after which the kernel asks whether the peer is there. Stops half-open connections. */
  tcpKeepAliveMs: 1 * MINUTE,
  /**
   * Time in which another library has to answer an upgrade to a path that isn't ours. Stops sockets that nobody
   * reads.
   */
  foreignUpgradeMs: 5 * SECOND,
  /**
   * Time without a write after which a WebSocket is pinged, and STOMP over TCP gets a LF: proxies end silent
   * connections.
   */
  pingMs: 25 * SECOND,

  // Heart-beats (STOMP 1.2, Heart-beating): what a client may ask for is clamped to this.
  /** The shortest interval that a client gets. Stops beats that are work without end. */
  heartbeatMinMs: 1 * SECOND,
  /** The longest interval that a client gets. Stops dead clients that are noticed late. */
  heartbeatMaxMs: 10 * SECOND,
  /**
   * Silence beyond the interval that is tolerated on SockJS's HTTP transports, whose requests may be a minute apart.
   */
  heartbeatHttpMarginMs: 70 * SECOND,

  // One user, one address: an IPv4 address, or the /64 of an IPv6 one. All of these are counted on each node, so that
  // several nodes together allow so many times as much: exact counts would be a write for each connection.
  /** Connections of one user. Stops a client that connects in a loop. */
  connectionsPerUser: 100,
  /** Event streams of one user, beside the connections. Stops pages that open streams in a loop. */
  streamsPerUser: 100,
  // One user over all connections. Twice the bytes is what they can hold together: a connection with less than an
  // equal part isn't made to pay for the others.
  /** Subscriptions of one user over all connections. Stops `subscriptions` times `connectionsPerUser`. */
  subscriptionsPerUser: 5_000,
  /** Bytes of one user's frames that have begun and not ended. Stops the same with unfinished frames. */
  inputBytesPerUser: 32 * MIB,
  /** The same of all who haven't signed in, together. */
  inputBytesOfStrangers: 64 * MIB,
  /** Bytes of one user's frames whose work isn't done. Stops `pendingBytes` times `connectionsPerUser`. */
  pendingBytesPerUser: 32 * MIB,
  /** What one user's transactions hold. Stops `transactionBytes` times `connectionsPerUser`. */
  transactionBytesPerUser: 32 * MIB,
  /** Bytes that queues keep in memory for one user. Stops `unsettledBytes` times `connectionsPerUser`. */
  unsettledBytesPerUser: 32 * MIB,
  /** Bytes that wait for one user's readers. Stops `outboxBytes` times `connectionsPerUser`. */
  outboxBytesPerUser: 32 * MIB,
  /** Sockets of one address. Stops one machine that takes them all. */
  connectionsPerAddress: 5_000,

  // HTTP
  /** Requests that are handled at once; the others wait for their turn. */
  requests: 1_024,
  /** The same of one address. Stops one that takes all places. */
  requestsPerAddress: 128,
  /** Requests of one address, or of one user, that wait for their turn. Stops lines without end. */
  requestsWaiting: 1_000,
  /** Requests at once whose long body is still to come. Stops clients that send it slowly, or never all of it. */
  requestBodies: 256,
  /** The same of one address. Stops one that takes all places. */
  requestBodiesPerAddress: 32,
  /**
   * What such a body brings at least while others wait for its place, in bytes a second, once it has had that for
   * `requestPlaceMs`. Stops bodies that come by and by.
   */
  requestBodyRate: 32 * KIB,
  /** Time for which a request is counted; one that lasts longer waits for something, as a long poll does. */
  requestPlaceMs: 10 * SECOND,
  /** Time that requests may take of one turn of the event loop; the others wait for the next, addresses in turn. */
  requestTurnMs: 5,
  /** Time of each second in which the bytes of one address are parsed. Stops bodies in chunks of a byte. */
  requestParseMs: 250,
  /** Time without progress after which an answer is cut. Stops clients that don't read theirs. */
  answerStallMs: 30 * SECOND,
  /** A POST on a SockJS transport, and what of it may wait. Stops posts that fill memory. */
  sockjsPostBytes: 8 * MIB,
  /** Bytes of one streaming response of SockJS, after which its client asks for the next: browsers keep all of it. */
  sockjsResponseBytes: 128 * KIB,
  /** Time that a SockJS session waits for its client's next request. Stops sessions that nobody comes back to. */
  sockjsDisconnectMs: 5 * SECOND,
  /** Interval of SockJS's own heart-beat frames: proxies end silent responses. */
  sockjsHeartbeatMs: 25 * SECOND,
  /**
   * Chunks of a body that carry less than 64 bytes on average. Stops chunks of a byte, each of which takes a call and
   * an object.
   */
  bodyPieces: 1_000,
  /** Nesting of arrays and objects in a body. Stops recursion that runs out of stack. */
  jsonDepth: 64,
  /** Values in a body. Stops bodies in which a schema finds a million faults. */
  jsonValues: 100_000,
  /** Interval of the comment that keeps an event stream open: proxies end silent responses. */
  sseHeartbeatMs: 15 * SECOND,
  /** Time after which EventSource connects again, sent as `retry:`. */
  sseRetryMs: 3 * SECOND,

  /** Rows of a log that a reader reads at a time until it has caught up. */
  feedPageMessages: 200,
  /** Bytes of such rows, where a topic keeps them; one row in any case. Stops pages of long messages. */
  feedPageBytes: 1 * MIB,
  /** Messages that one topic keeps; the oldest go first. Stops publishers that fill the database. */
  keptMessages: 10_000,
  /** Bytes of one of them, headers included. Stops long messages that stay. */
  keptMessageBytes: 64 * KIB,
  /** Interval at which followed logs are asked whether they have more than was heard of. */
  headsEveryMs: 30 * SECOND,
  /** The same while it fails, or while the outcome of a commit is in doubt. */
  headsTroubleMs: 2 * SECOND,
  /** Time for which a commit whose answer was lost may still become visible: longer than a statement may take. */
  headsDoubtMs: 15 * SECOND,
  /** Logs that are asked for their head in one question. Stops questions that take long. */
  headsAtOnce: 5_000,
  /** Pause after the store failed where no client waits for the answer. */
  storeRetryMs: 1 * SECOND,

  // The relay between nodes
  /** Time to wait for the relay at the start; then the node goes on without, and connects when it can. */
  relayStartMs: 10 * SECOND,
  /** Bytes that wait for the relay; what is published above it isn't relayed. Stops an engine that doesn't read. */
  relayOutboxBytes: 8 * MIB,
  /** Pause before the relay is connected to again: a random part of it, a fifth at least, so that nodes don't come at once. */
  relayRetryMs: 500,
  /** Interval at which a silent relay is asked whether it is there, and the time that it has to answer. */
  relayAliveMs: 5 * SECOND,
  /** Time for which a publisher isn't read, at most, because the relay takes less than it sends. */
  relayRoomMs: 1 * SECOND,
  /** Time for which a channel that nobody wants any more is listened to: clients come back. */
  relayIdleMs: 30 * SECOND,
  /** Time for which a message that is too large for the relay can be read in the database. */
  relayLetterMs: 60 * SECOND,

  // Retention: rows that go in one step, and the time between looks.
  /** Rows that the retention deletes in one step; others write between two. */
  pruneRows: 500,
  /** Rows that "mark all" changes in one unit of work; others write between two. */
  markRows: 500,
  /** Interval of the retention. */
  pruneEveryMs: 60 * MINUTE,

  // The store
  /** Units of work that share one commit on SQLite; on PostgreSQL the rows of those that only append. */
  writeBatch: 256,
  /** Time that those take together on SQLite, about, before their COMMIT, or as long as that takes; four may share it in any case. Stops batches for which everybody waits. */
  writeBatchMs: 10,
  /** Time that one unit of work has. Stops units that never end. */
  writeUnitMs: 5 * SECOND,
  /** Units of work that wait for the write lane. Stops lines without end. */
  writeWaiting: 10_000,
  /** Of these, units of one user. Stops one from having everybody's changes refused. */
  writeWaitingPerOwner: 2_500,
  /** Runs of a unit that PostgreSQL refuses because of others (deadlock, serialization). */
  writeAttempts: 5,
  /**
   * Time that a shared commit on PostgreSQL waits for an inbox that another transaction holds; then its units go on, each
   * alone. Stops one inbox from holding up all.
   */
  writeHeldUpMs: 500,
  /** Time to wait for a lock of another process on the SQLite file, or for a connection to PostgreSQL. */
  databaseWaitMs: 5 * SECOND,
  /** The same at the start, while another node migrates. */
  migrationWaitMs: 1 * MINUTE,
  /** Time to wait at the start for the process before this one to let the database go. */
  claimWaitMs: 2 * SECOND,
  /** Interval at which the connection that holds this node's claim to PostgreSQL is checked. */
  claimCheckMs: 10 * SECOND,
  /**
   * Questions to SQLite under way at once. Stops many readers from standing before the writer in the line for four
   * threads.
   */
  databaseReads: 32,
  /** Of one user, on either database; the others wait. Stops one who asks much from standing before everybody. */
  databaseReadsPerOwner: 2,
  /** Connections to PostgreSQL, for writing and again for reading. */
  databaseConnections: 10,
  /** Time for which a request with an Idempotency-Key gets its first answer again. */
  keptAnswerMs: 24 * 60 * MINUTE,
  /** Such answers of one user; the oldest above it go. Stops keys without end. */
  keptAnswers: 100_000,
  /** Messages of a queue, its dead letters among them. Stops queues that nobody consumes. */
  queueMessages: 1_000_000,
  /** Queues that hold messages. Stops names without end. */
  queues: 10_000,
  /** Length of a queue's name. */
  queueNameCharacters: 255,
  /** Deliveries without ACK after which a message goes to `/queue/dlq`. Stops messages that nobody can process. */
  queueDeliveries: 10,
  /** Messages of one queue that are kept in memory while it has consumers. */
  queueWindowMessages: 1_000,
  /** Bytes of those. */
  queueWindowBytes: 8 * MIB,
  /** Bytes that all queues together keep so; beyond them each takes a message at a time. Stops `queueWindowBytes` times queues. */
  queueWindowsBytes: 128 * MIB,
  /** Interval at which a node tells the others, in the database, that it lives. */
  nodeBeatMs: 1 * SECOND,
  /** Silence after which a node is dead to the others: they get what it held. */
  nodeDeadMs: 3 * SECOND,
  // Where other nodes consume the same queues
  /** Messages of a queue that a node claims at a time, for each consumer with room. Leaves some to other nodes. */
  queueClaimPerConsumer: 100,
  /** Messages of a queue that a node claims at a time. */
  queueClaim: 500,
  /** Time for which a node holds messages that no consumer of its own takes; others may have one. */
  queueHoldMs: 2 * SECOND,
  /** Time for which a node leaves a queue to the others after its only consumer refused a message. */
  queuePauseMs: 100,
  /** Interval at which a node looks for messages that it wasn't told of. */
  queueLookMs: 5 * SECOND,
  /** The same while this node doesn't hear the others. */
  queueLookTroubleMs: 1 * SECOND,
  /** Interval at which messages are counted, where other nodes put and settle too: `queue_full` goes by it. */
  queueCountMs: 10 * SECOND,
};

/** A value for each of `limits`. */
export type Limits = Readonly<typeof limits>;

/** The defaults, but for what is given. What is given as undefined isn't: it would be no limit at all. */
export function limitsWith(given: Partial<Limits> = {}): Limits {
  const named = Object.entries(given).filter(([, value]) => (value as number | undefined) !== undefined);
  return { ...limits, ...(Object.fromEntries(named) as Partial<Limits>) };
}
