import type { Version } from '../stomp/version.js';
import type { Client } from './client.js';
import { Conversation, type ConversationServices, type Ender } from './conversation.js';
import type { Interceptors } from './interceptors.js';
import type { FrameWriter } from './frame-writer.js';
import type { MessageFrames } from './message-frames.js';
import type { Application, Authenticator, Authorizer } from './ports.js';
import { Transactions } from './transactions.js';

/** What all STOMP sessions of a node share. */
export interface SessionServices extends ConversationServices {
  readonly application: Application;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly frames: MessageFrames;
  readonly interceptors?: Interceptors;
  /** CONNECTED's `server`: `name["/" version]` (STOMP 1.2, CONNECTED). */
  readonly server: string;
}

/** A conversation in STOMP, after CONNECTED: what the commands work on. */
export class Connected extends Conversation {
  #transactions: Transactions | undefined;

  constructor(
    client: Client,
    readonly version: Version,
    readonly writer: FrameWriter,
    readonly services: SessionServices,
    ender: Ender,
  ) {
    super({ client, services, wire: writer.wire, ender });
  }

  get transactions(): Transactions {
    this.#transactions ??= new Transactions(this.services.limits.transactionBytes, this.share);
    return this.#transactions;
  }

  /** What is held in transactions is forgotten too. */
  override dispose(reason: Parameters<Conversation['dispose']>[0]): void {
    this.#transactions?.close();
    super.dispose(reason);
  }
}
