import { kindOf, type AddressKind } from '../broker/address.js';
import type { Connected } from './connected.js';

/** Where a destination leads. Which ones lead to methods is for the application to say. */
export function kindFor({ services }: Connected, destination: string): AddressKind | undefined {
  const { prefixes = ['/app'] } = services.application;
  if (prefixes.some((prefix) => isBelow(destination, prefix))) return 'app';
  const kind = kindOf(destination);
  return kind === 'app' ? undefined : kind;
}

function isBelow(destination: string, prefix: string): boolean {
  return destination.startsWith(`${prefix}/`) && destination.length > prefix.length + 1;
}
