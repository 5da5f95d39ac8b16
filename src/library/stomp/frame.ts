import { Refusal } from '../errors.js';
import type { Limits } from '../limits.js';

/** One frame, decoded: nothing of how it was written on the wire is left in it. */
export interface Frame {
  /** A client's or a server's command; which of them its receiver takes is for the receiver to say. */
  readonly command: string;
  /** Unescaped, in the order they came, the first of repeated ones. */
  readonly headers: ReadonlyMap<string, string>;
  /** The frame's own memory: it may be kept without keeping the bytes that it was read from. */
  readonly body: Uint8Array;
}

/** A frame's command and headers, its body left out: what is kept of it until it is answered. */
export type FrameHead = Pick<Frame, 'command' | 'headers'>;

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

/** A header that its frame must have. @throws {Refusal} missing_header */
export function required(frame: FrameHead, name: string): string {
  const value = frame.headers.get(name);
  if (value !== undefined && value !== '') return value;
  throw new Refusal('missing_header', `${frame.command} needs the header ${name}.`);
}

/**
 * What a client calls something that is kept by that name.
 * @throws {Refusal} invalid_header: names are many, and a long one costs as long as it is kept
 */
export function checkName(name: string, header: string, { nameCharacters: most }: Limits): string {
  if (name.length <= most) return name;
  throw new Refusal('invalid_header', `The header ${header} has ${most} characters at most.`);
}

/** STOMP 1.2, Standard Headers: any client frame other than CONNECT may have a receipt. */
export function receiptOf({ command, headers }: FrameHead): string | undefined {
  return command === 'CONNECT' || command === 'STOMP' ? undefined : headers.get('receipt');
}
