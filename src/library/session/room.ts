import { roomOf, type Room } from '../broker/address.js';
import type { Connected } from './connected.js';

/** Where a destination leads. Which ones lead to methods is for the application to say. */
export function roomFor({ services }: Connected, destination: string): Room | undefined {
  const { prefixes = ['/app'] } = services.application;
  if (prefixes.some((prefix) => isBelow(destination, prefix))) return 'app';
  const room = roomOf(destination);
  return room === 'app' ? undefined : room;
}

function isBelow(destination: string, prefix: string): boolean {
  return destination.startsWith(`${prefix}/`) && destination.length > prefix.length + 1;
}
