import { Injectable } from '@nestjs/common';
import { SignedIn } from '../auth/signed-in.js';
import { Refusal } from '../../library/errors.js';
import type { State } from '../../library/inbox/states.js';
import { MessageMapping, Payload, Principal } from '../../library/nest/decorators.js';
import { InboxReader } from './inbox-reader.js';
import { selectionSchema, type MarkedRows } from './schemas.js';

/** The inbox over STOMP: `SEND /app/notifications.read` with `{"ids":[7]}` or `{"upTo":"<cursor>"}`. */
@Injectable()
export class NotificationMessages {
  constructor(private readonly inbox: InboxReader) {}

  @MessageMapping('/notifications.read')
  read(@Principal() user: SignedIn, @Payload(selectionSchema) rows: MarkedRows): Promise<void> {
    return this.#mark(user, rows, 'read');
  }

  @MessageMapping('/notifications.seen')
  seen(@Principal() user: SignedIn, @Payload(selectionSchema) rows: MarkedRows): Promise<void> {
    return this.#mark(user, rows, 'seen');
  }

  @MessageMapping('/notifications.archive')
  archive(@Principal() user: SignedIn, @Payload(selectionSchema) rows: MarkedRows): Promise<void> {
    return this.#mark(user, rows, 'archived');
  }

  @MessageMapping('/notifications.unread')
  unread(@Principal() user: SignedIn, @Payload(selectionSchema) rows: MarkedRows): Promise<void> {
    return this.#mark(user, rows, 'unread');
  }

  @MessageMapping('/notifications.unseen')
  unseen(@Principal() user: SignedIn, @Payload(selectionSchema) rows: MarkedRows): Promise<void> {
    return this.#mark(user, rows, 'unseen');
  }

  @MessageMapping('/notifications.unarchive')
  unarchive(@Principal() user: SignedIn, @Payload(selectionSchema) rows: MarkedRows): Promise<void> {
    return this.#mark(user, rows, 'unarchived');
  }

  async #mark(user: SignedIn, rows: MarkedRows, state: State): Promise<void> {
    try {
      await this.inbox.markAll(user, rows, state);
    } catch (error) {
      // A cursor that the sender got wrong, in the words of the other protocol.
      throw error instanceof Refusal ? new Refusal('handler_failed', error.message, { cause: error }) : error;
    }
  }
}
