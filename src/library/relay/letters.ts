/** Where payloads wait that are too large for a line: the line carries their ids. */
export interface Letters {
  /**
   * Keeps a payload for `relayLetterMs`.
   * @returns the id under which every node can read it now
   */
  put(payload: Uint8Array): Promise<string>;
  /** @returns undefined: it isn't there any more */
  read(id: string): Promise<Uint8Array | undefined>;
  /** The node goes: no timer is left. */
  stop?(): void;
}
