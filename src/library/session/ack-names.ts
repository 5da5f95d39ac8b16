/**
 * What an ACK of STOMP 1.2 calls a message, in one connection: its message-id, since clients settle by that (Spring's
 * `acknowledge(messageId)`). Where several subscriptions hold one message, only the first calls it so.
 */
export class AckNames {
  /** By message id: which subscription that name stands for. */
  readonly #holders = new Map<string, number>();

  /** @param holder the ordinal of the subscription that delivers it */
  give(messageId: string, holder: number): string {
    const first = this.#holders.get(messageId) ?? holder;
    if (first !== holder) return `${holder}/${messageId}`;
    this.#holders.set(messageId, holder);
    return messageId;
  }

  /** It was settled, or gone back: the next who holds it may call it by its id. */
  free(messageId: string, holder: number): void {
    if (this.#holders.get(messageId) === holder) this.#holders.delete(messageId);
  }

  /** @returns the message that a name stands for, if it is one that was given */
  resolve(ack: string): { readonly holder: number; readonly messageId: string } | undefined {
    const holder = this.#holders.get(ack);
    if (holder !== undefined) return { holder, messageId: ack };
    const [, ordinal, messageId] = /^(\d{1,15})\/(.+)$/s.exec(ack) ?? [];
    return messageId === undefined ? undefined : { holder: Number(ordinal), messageId };
  }
}
