/** `carillon`: the broker as a Nest module, in the words of Spring's `@EnableWebSocketMessageBroker`. */
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
export { limits, type Limits } from '../limits.js';
export { userAddress } from '../broker/address.js';
export { Broker } from '../broker/broker.js';
export type { KeptTopic, TopicStore } from '../broker/topic-store.js';
export type { Audience, Draft, Headers as MessageHeaders, Message } from '../broker/message.js';
export {
  ConnectedSession,
  DestinationVariable,
  Frame,
  Header,
  Headers,
  MessageException,
  MessageMapping,
  Payload,
  Principal,
  SubscribeMapping,
  type ParameterOption,
  type ValueOptions,
} from '../nest/decorators.js';
export type { RoomChange, RoomMember } from '../nest/attendance.js';
export { Broadcasts, type Broadcast } from '../nest/broadcasts.js';
export { Channels } from '../nest/channels.js';
export { ChannelsController } from '../nest/channels.controller.js';
export { EventStreams, type EventStreamRequest } from '../nest/event-streams.js';
export { SessionEvents, type SessionEvent } from '../nest/events.js';
export { MessageExceptionHandler, MessagingAdvice } from '../nest/exception-handlers.js';
export {
  MessagingModule,
  type MessagingAsyncOptions,
  type MessagingOptionsFactory,
} from '../nest/messaging.module.js';
export { CONTEXT_TYPE } from '../nest/method-runner.js';
export type { ChannelMessage, ChannelRights, Joining, ChannelPerson } from '../dialects/channels.js';
export { ownDoor, type ChannelSocketOptions, type Door } from '../dialects/channel-socket.js';
export type { NotificationSocketOptions } from '../dialects/notification-socket.js';
export type { SocketIoCall, SocketIoCommand, SocketIoOptions } from '../dialects/socket-io-options.js';
export type { ChannelsOptions, Dialects, MessagingOptions, StompEndpoint } from '../nest/options.js';
export { PayloadError, type PayloadIssue } from '../nest/payload-error.js';
export { encodePayload, type MessageConverter } from '../nest/payload.js';
export type { PayloadSchema } from '../nest/schema-pipe.js';
export { Rights } from '../nest/rights.js';
export { Rooms, type Room, type RoomOptions, type RoomSending } from '../nest/rooms.js';
export { SendTo, SendToUser } from '../nest/send-to.js';
export { StompEndpoints } from '../nest/stomp-endpoints.js';
export { MessagingTemplate } from '../nest/template.js';
export { UserRegistry, type ConnectedUser, type UserSession } from '../nest/user-registry.js';
export type {
  ApplicationRequest,
  Authenticator,
  Authorizer,
  ClientSession,
  Credentials,
  Ending,
  OpenSubscription,
  StompInterceptor,
  User,
  Verb,
} from '../session/ports.js';
export { SessionRegistry, type OpenConnection } from '../session/registry.js';
export type { ProxyHeaders } from '../transport/proxies.js';
export type { Entrance } from '../transport/refused.js';
