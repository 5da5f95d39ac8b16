/** One frame, decoded: nothing of how it was written on the wire is left in it. */
export interface Frame {
  /** A client's or a server's command; which of them its receiver takes is for the receiver to say. */
  readonly command: string;
  /** Unescaped, in the order they came, the first of repeated ones. */
  readonly headers: ReadonlyMap<string, string>;
  /** The frame's own memory: it may be kept without keeping the bytes that it was read from. */
  readonly body: Uint8Array;
}

/** STOMP 1.2, Client Frames and Connecting. NACK is not of 1.0, STOMP neither: their receiver knows the version. */
export const clientCommands = [
  'CONNECT',
  'STOMP',
  'SEND',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'ACK',
  'NACK',
  'BEGIN',
  'COMMIT',
  'ABORT',
  'DISCONNECT',
] as const;

/** STOMP 1.2, Server Frames and Connecting. */
export const serverCommands = ['CONNECTED', 'MESSAGE', 'RECEIPT', 'ERROR'] as const;

/** A command that a client may send (STOMP 1.2, Client Frames). */
export type ClientCommand = (typeof clientCommands)[number];
/** A command that a server may send (STOMP 1.2, Server Frames). */
export type ServerCommand = (typeof serverCommands)[number];

const ofClients: ReadonlySet<string> = new Set(clientCommands);
const all: ReadonlySet<string> = new Set([...clientCommands, ...serverCommands]);
// STOMP 1.2, Body: "Only the SEND, MESSAGE, and ERROR frames MAY have a body."
const withBody: ReadonlySet<string> = new Set(['SEND', 'MESSAGE', 'ERROR']);
// STOMP 1.2, Value Encoding: all frames but CONNECT and CONNECTED. STOMP is handled as CONNECT is.
const unescaped: ReadonlySet<string> = new Set(['CONNECT', 'STOMP', 'CONNECTED']);

/** Whether a client may send this command. */
export function isClientCommand(command: string): command is ClientCommand {
  return ofClients.has(command);
}

/** Whether STOMP has this command, for either side. */
export function isCommand(command: string): command is ClientCommand | ServerCommand {
  return all.has(command);
}

/** Whether a frame of this command may have a body (STOMP 1.2, STOMP Frames). */
export function mayHaveBody(command: string): boolean {
  return withBody.has(command);
}

/** Whether header escapes are read and written in this frame, where its version has any. */
export function hasEscapes(command: string): boolean {
  return !unescaped.has(command);
}
