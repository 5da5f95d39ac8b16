import { Refusal } from '../errors.js';
import { kindOf, userAddress, type AddressKind } from '../broker/address.js';
import { required, type Frame } from '../stomp/frame.js';
import type { Connected } from './connected.js';

/** Where a SEND or a SUBSCRIBE leads. */
export interface Destination {
  readonly kind: AddressKind;
  /** As the client wrote it. */
  readonly text: string;
  /** What it means to this user: below `/user`, an address of their own. */
  readonly address: string;
}

/**
 * Reads the header `destination`, once: everything behind it works with the result.
 * @throws {Refusal} missing_header, invalid_header, unknown_destination
 */
export function destinationOf(session: Connected, frame: Frame): Destination {
  const text = required(frame, 'destination');
  const { destinationCharacters: most } = session.services.limits;
  if (text.length > most)
    throw new Refusal('invalid_header', `A destination has ${most} characters at most.`);
  const kind = kindFor(session, text);
  if (kind === undefined) throw unknownDestination(text);
  // `/user/queue/x` is the client's own; nothing that a client writes can name another user's address.
  const address = kind === 'user' ? userAddress(session.user.name, text.slice('/user'.length)) : text;
  return { kind, text, address };
}

/** Which destinations lead to methods is for the application to say. */
function kindFor({ services }: Connected, destination: string): AddressKind | undefined {
  const { prefixes = ['/app'] } = services.application;
  if (prefixes.some((prefix) => isBelow(destination, prefix))) return 'app';
  const kind = kindOf(destination);
  return kind === 'app' ? undefined : kind;
}

function isBelow(destination: string, prefix: string): boolean {
  return destination.startsWith(`${prefix}/`) && destination.length > prefix.length + 1;
}

/** The refusal of a destination that nobody serves. */
export function unknownDestination(destination: string): Refusal {
  return new Refusal(
    'unknown_destination',
    isTempQueue(destination)
      ? 'Below /temp-queue nothing is sent or subscribed to: name it in reply-to of a SEND, and the answers come.'
      : `Nothing answers to the destination ${JSON.stringify(destination)}.`,
  );
}

/** RabbitMQ's: for `reply-to`, and for nothing else. */
export function isTempQueue(destination: string): boolean {
  return destination.startsWith('/temp-queue/') && destination.length > '/temp-queue/'.length;
}
