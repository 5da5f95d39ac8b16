/** `carillon`: the broker as a Nest module, in the words of Spring's `@EnableWebSocketMessageBroker`. */
export {
  HttpError,
  StompError,
  httpErrors,
  wireErrors,
  type HttpErrorCode,
  type WireErrorCode,
} from '../errors.js';
export { limits, type Limits } from '../limits.js';
export { userAddress } from '../broker/address.js';
export { Broker } from '../broker/broker.js';
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
  type Fitting,
  type Presence,
} from '../messaging/decorators.js';
export { EventStreams, type EventStreamRequest } from '../messaging/event-streams.js';
export { SessionEvents, type SessionEvent } from '../messaging/events.js';
export { MessageExceptionHandler, MessagingAdvice } from '../messaging/exception-handlers.js';
export { MessagingModule } from '../messaging/messaging.module.js';
export { CONTEXT_TYPE } from '../messaging/method-runner.js';
export type { MessagingOptions, StompEndpoint } from '../messaging/options.js';
export { PayloadError, type PayloadIssue } from '../messaging/payload-error.js';
export { encodePayload, type MessageConverter } from '../messaging/payload.js';
export type { PayloadSchema } from '../messaging/schema-pipe.js';
export { SendTo, SendToUser } from '../messaging/send-to.js';
export { StompEndpoints } from '../messaging/stomp-endpoints.js';
export { MessagingTemplate } from '../messaging/template.js';
export { UserRegistry, type ConnectedUser, type UserSession } from '../messaging/user-registry.js';
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
