/** What a number says: it follows on the last one; some between were lost; or it was heard before. */
export type Heard = 'next' | 'duplicate' | { readonly lostSince: number };

interface Last {
  seq: number;
  /** When it was heard. */
  at: number;
  /** In which stretch of hearing. */
  stretch: number;
}

/**
 * The numbers that were heard from other nodes, by channel. The first one of a node on a channel follows on whatever it
 * is: nobody knows what was sent before anybody listened.
 */
export class Gaps {
  readonly #byChannel = new Map<string, Map<string, Last>>();
  #stretch = 0;

  /** @param now ms; what comes back as `lostSince` is of the same clock */
  hear(channel: string, node: string, seq: number, now: number): Heard {
    const byNode = this.#byChannel.get(channel) ?? new Map<string, Last>();
    this.#byChannel.set(channel, byNode);
    const last = byNode.get(node);
    if (!last) {
      byNode.set(node, { seq, at: now, stretch: this.#stretch });
      return 'next';
    }
    if (seq <= last.seq) return 'duplicate';
    const isNext = seq === last.seq + 1 || last.stretch !== this.#stretch;
    const lostSince = last.at;
    last.seq = seq;
    last.at = now;
    last.stretch = this.#stretch;
    return isNext ? 'next' : { lostSince };
  }

  /** Nothing was heard for a while, and everybody knows: the next number of each node is no gap. */
  begin(): void {
    this.#stretch++;
  }

  /** That channel is heard no longer; when it is again, everything is new. */
  forget(channel: string): void {
    this.#byChannel.delete(channel);
  }

  /** Nodes that said nothing since that moment are gone: each start of a node has another name. */
  forgetSilent(since: number): void {
    for (const [channel, byNode] of this.#byChannel) {
      for (const [node, { at }] of byNode) if (at < since) byNode.delete(node);
      if (byNode.size === 0) this.#byChannel.delete(channel);
    }
  }
}
