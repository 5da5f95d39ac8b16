/** What Socket.IO's clients are told, and what they may say. */
export interface SocketIoOptions {
  /** Below `/user`, such as `/queue/chat`: what comes there is emitted as the event that its `event-type` names. */
  readonly events?: readonly string[];
  /** Below `/user`: notifications, emitted as `notification`. Its address has a log. Default: there are none. */
  readonly notifications?: string;
  /** What clients may emit, by its name. Default: nothing. */
  readonly commands?: Readonly<Record<string, SocketIoCommand>>;
}

/**
 * Where an event of a client leads: to a method, as if it were a SEND.
 * @param values what the client emitted, of any type, without a callback
 * @throws {Refusal} invalid_header: they are none that this event has
 */
export type SocketIoCommand = (...values: readonly unknown[]) => SocketIoCall;

/** The call of a method that an event of a client becomes. */
export interface SocketIoCall {
  /** Such as `/app/rooms/7/join`. What clients name belongs there with `encodeURIComponent`. */
  readonly destination: string;
  /** For the method, as JSON. Default: nothing. */
  readonly body?: unknown;
}
