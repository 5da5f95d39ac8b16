import type { FaultKind } from './faults.js';
import type { Delivery, HeardMessage, Publishing, Row } from './history.js';

/** What can be planted, and as which fault it has to be found. */
export const plants = {
  lost: 'lost',
  phantom: 'phantom',
  duplicated: 'duplicated',
  reordered: 'reordered',
  gap: 'gap',
  foreign: 'foreign',
  'said-lost': 'lost',
  'said-twice': 'duplicated',
  'said-late': 'reordered',
  'said-elsewhere': 'foreign',
  'double-claim': 'duplicated',
  'lost-relay-message': 'lost',
} as const satisfies Record<string, FaultKind>;
export type PlantKind = keyof typeof plants;

/** Planted into what a reader of notifications hears. */
export const readerPlants = ['lost', 'phantom', 'duplicated', 'reordered', 'gap', 'foreign'] as const;

/** The same into what a reader of a conversation hears. */
export const conversationPlants = {
  'said-lost': 'lost',
  'said-twice': 'duplicated',
  'said-late': 'reordered',
  'said-elsewhere': 'foreign',
} as const;

/** Of the event that ends a run: each user is told it as the last. */
export const LAST_EVENT = 'the last one';

/**
 * Does what the server must never do, once, to what one reader hears: between the wire and what is written down.
 * So a run shows that its checker would have noticed.
 */
export class Plant {
  #held: Row | undefined;
  #isDone = false;

  /** @param elsewhere an event that isn't for this reader, once there is one */
  constructor(
    private readonly kind: (typeof readerPlants)[number] | undefined,
    private readonly elsewhere: () => string | undefined = () => undefined,
  ) {}

  /** @returns what is written down instead of this row */
  filter(row: Row): readonly Row[] {
    // By then every reader has had something; a reader who stays must still hear it.
    if (this.kind === 'lost') return row.event === LAST_EVENT ? [] : [row];
    if (this.#isDone || this.kind === undefined || row.event === LAST_EVENT) return [row];
    switch (this.kind) {
      case 'phantom':
        this.#isDone = true;
        return [{ ...row, event: 'what nobody wrote' }];
      case 'foreign': {
        const event = this.elsewhere();
        this.#isDone = event !== undefined;
        return [event === undefined ? row : { ...row, event }];
      }
      case 'duplicated':
        this.#isDone = true;
        return [row, row];
      case 'reordered':
      case 'gap': {
        const held = this.#held;
        this.#held = row;
        if (!held) return [];
        this.#isDone = true;
        return this.kind === 'gap' ? [row] : [row, held];
      }
    }
  }

  /** What was held comes again on the next connection. */
  connectionEnded(): void {
    this.#held = undefined;
  }
}

/** Two nodes claim a message of a queue: two consumers have it, each for the first time. */
export class DoubleClaim {
  #isDone = false;

  constructor(private readonly isWanted: boolean) {}

  filter(delivery: Delivery): readonly Delivery[] {
    if (!this.isWanted || this.#isDone || delivery.isRedelivered) return [delivery];
    this.#isDone = true;
    return [delivery, { ...delivery, consumer: 'a consumer of another node' }];
  }
}

/** A message of another node is lost, and the next one of its publisher comes as if nothing had happened. */
export class LostRelayMessage {
  #held: HeardMessage | undefined;
  #isDone = false;

  constructor(
    private readonly isWanted: boolean,
    private readonly publishings: readonly Publishing[],
  ) {}

  /** @param since when the subscription was promised what is sent from then on @returns what is written down now */
  filter(message: HeardMessage, since: number): readonly HeardMessage[] {
    if (!this.isWanted || this.#isDone) return [message];
    const held = this.#held;
    if (held?.publisher === message.publisher) {
      this.#isDone = true;
      return [message];
    }
    if (held && message.at < held.at + NEXT_WITHIN_MS) return [message];
    // Its publisher is gone, or nothing is held.
    this.#held = this.#wasSentAfter(since, message) ? message : undefined;
    return [held, this.#held ? undefined : message].filter((one) => one !== undefined);
  }

  /** Who leaves isn't told any more, so it is no fault: the next subscription loses one too. */
  connectionEnded(): void {
    this.#held = undefined;
    this.#isDone = false;
  }

  #wasSentAfter(since: number, { publisher, number }: HeardMessage): boolean {
    const publishing = this.publishings.find((one) => one.publisher === publisher);
    return (publishing?.sentAt[number - 1] ?? 0) > since;
  }
}

const NEXT_WITHIN_MS = 500;
