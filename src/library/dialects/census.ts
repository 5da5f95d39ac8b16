import { Refusal } from '../errors.js';

/** The JSON sockets of this node, counted. */
export class Census {
  /** Messages since the start. */
  sent = 0;
  received = 0;
  #signedIn = 0;
  readonly #strangers = new Map<string, number>();

  /** @param strangersPerNetwork so many may be open without a login, so that nobody locks the others out */
  constructor(private readonly strangersPerNetwork: number) {}

  get signedIn(): number {
    return this.#signedIn;
  }

  /** Counts a connection that hasn't signed in. @returns whether there is a place for it */
  admit(network: string): boolean {
    const count = (this.#strangers.get(network) ?? 0) + 1;
    this.#strangers.set(network, count);
    return count <= this.strangersPerNetwork;
  }

  leaveStranger(network: string): void {
    const count = (this.#strangers.get(network) ?? 0) - 1;
    if (count > 0) this.#strangers.set(network, count);
    else this.#strangers.delete(network);
  }

  /** @throws {Refusal} connection_limit: `most` are signed in */
  checkPlace(most: number): void {
    if (this.#signedIn >= most)
      throw new Refusal('connection_limit', `At most ${most} JSON sockets are open on a node.`);
  }

  enter(): void {
    this.#signedIn++;
  }

  leave(): void {
    this.#signedIn--;
  }
}
