/** `carillon/broker`: broker, sessions and transports on a bare HTTP server; no Nest. */
export {
  Refusal,
  codes,
  type Answer,
  type ClosingCode,
  type Code,
  type CodeWith,
  type HttpCode,
  type RefusalOptions,
} from '../errors.js';
export { excessIn, type JsonBounds } from '../json-bounds.js';
export { limits, type Limits } from '../limits.js';
export { networkOf } from '../network.js';
export { Shares, type SharesOptions, type Waiting } from '../shares.js';
export { kindOf, segmentsOf, userAddress, type AddressKind } from '../broker/address.js';
export { Broker } from '../broker/broker.js';
export type { Clock, Timer } from '../broker/clock.js';
export { cursorOf, parseCursor, type Cursor } from '../broker/cursor.js';
export { ExclusiveQueueStore } from '../broker/exclusive-queue-store.js';
export { Feeds } from '../broker/feeds.js';
export { noLogs, type Log, type LogHead, type LogMessage, type LogOf } from '../broker/log.js';
export { MemoryQueueTable } from '../broker/memory-queue-table.js';
export {
  CURSOR,
  EVENT_TYPE,
  type Audience,
  type Draft,
  type Headers,
  type Message,
} from '../broker/message.js';
export { NodeMessages } from '../broker/node-messages.js';
export { covers, isValidPattern, segmentsCover } from '../broker/pattern.js';
export { positionKindOf } from '../broker/position-name.js';
export { noRelay, type Relay, type Relayed, type Wanted } from '../broker/relay.js';
export type { QueueBatch, QueueDraft, QueueStore, Readiness, QueuedMessage } from '../broker/queue-store.js';
export type { QueueTable, TableChanges } from '../broker/queue-table.js';
export { Queues, type Settlement } from '../broker/queues.js';
export type { KeptTopic, TopicStore, TopicStoreServices } from '../broker/topic-store.js';
export { EARLIEST, type ResetReason, type Verdict } from '../broker/resume.js';
export type { Following, Since, Subscriber, Subscription } from '../broker/subscriber.js';
export { ENVELOPE_VERSION } from '../relay/envelope.js';
export type { Letters } from '../relay/letters.js';
export type { Line, LineEvents } from '../relay/line.js';
export { lineFor } from '../relay/line-for.js';
export { MemoryHub, type MemoryLine } from '../relay/memory-line.js';
export type { Layout } from '../relay/channels.js';
export type { RelayContent } from '../relay/outgoing.js';
export { LineRelay, type RelayOptions } from '../relay/relay.js';
export {
  RelayStats,
  type Direction,
  type DropReason,
  type Histogram,
  type MessageKind,
} from '../relay/relay-stats.js';
export { BrokerNode, type BrokerOptions, type SessionOptions } from '../session/broker-node.js';
export type { SessionServices } from '../session/connected.js';
export { Interceptors } from '../session/interceptors.js';
export { MessageFrames } from '../session/message-frames.js';
export type {
  Application,
  ApplicationReply,
  ApplicationRequest,
  Authenticator,
  Authorizer,
  ClientSession,
  Credentials,
  Ending,
  OpenSubscription,
  SessionObserver,
  StompInterceptor,
  User,
  Verb,
  Wire,
} from '../session/ports.js';
export { SessionRegistry, type OpenConnection } from '../session/registry.js';
export { Session, type OpenSession } from '../session/session.js';
export { attachStomp, type AttachedBroker, type AttachedOptions } from '../transport/attach-stomp.js';
export { EventStream, type EventStreamOptions, type ServerSentEvent } from '../transport/event-stream.js';
export type { HttpOptions } from '../transport/http-options.js';
export { attachTransports, type TransportOptions, type Transports } from '../transport/listener.js';
export { serializedOrigin } from '../transport/origin-name.js';
export { Origins } from '../transport/origins.js';
export { Proxies } from '../transport/proxies.js';
export { isUnambiguous } from '../transport/request-path.js';
export { systemClock } from '../transport/system-clock.js';
export type { ProxyHeaders } from '../transport/proxies.js';
