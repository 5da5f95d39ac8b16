import { Refusal } from '../errors.js';

/** The versions that Carillon speaks, lowest first. */
export const versions = ['1.0', '1.1', '1.2'] as const;

/** A version of STOMP that Carillon speaks. */
export type Version = (typeof versions)[number];

/**
 * Agrees on the highest version that both sides speak.
 * @param acceptVersion the CONNECT header, such as "1.0,1.1,2.0"; absent means 1.0
 * @param highest what the WebSocket's subprotocol allows: what was agreed on below bounds what is agreed on above
 * @throws {Refusal} unsupported_version, its detail `version` is a header of the ERROR
 * @see STOMP 1.2, Protocol Negotiation
 */
export function negotiateVersion(acceptVersion: string | undefined, highest: Version = '1.2'): Version {
  // "If the accept-version header is missing, it means that the client only supports version 1.0 of the protocol."
  if (acceptVersion === undefined) return '1.0';

  const ours = versions.slice(0, versions.indexOf(highest) + 1);
  const accepted = acceptVersion.split(',').map((version) => version.trim());
  const common = ours.findLast((version) => accepted.includes(version));
  if (common === undefined) {
    throw new Refusal(
      'unsupported_version',
      `No common version: supported versions are ${ours.join(', ')}.`,
      { details: { version: ours.join(',') } },
    );
  }
  return common;
}

/** WebSocket subprotocols (IANA registry), the preferred one first. */
export const subprotocols = ['v12.stomp', 'v11.stomp', 'v10.stomp'] as const;

/**
 * Chooses the subprotocol to answer an upgrade with.
 * @param offered as the client listed them; their order doesn't count
 * @returns the highest one; none where the client offered none that we know
 */
export function chooseSubprotocol(offered: Iterable<string>): string | undefined {
  const names = new Set(offered);
  return subprotocols.find((name) => names.has(name));
}

/** @returns the version that a subprotocol names; without one every version may be agreed on */
export function highestVersionOf(subprotocol: string | undefined): Version {
  return versions.find((version) => subprotocol === `v${version.replace('.', '')}.stomp`) ?? '1.2';
}
