import { Injectable } from '@nestjs/common';
import { SignedIn } from '../auth/signed-in.js';
import { pathIdSchema } from '../http/id.js';
import { Refusal } from '../../library/errors.js';
import {
  ConnectedSession,
  DestinationVariable,
  MessageMapping,
  Payload,
  Principal,
} from '../../library/nest/decorators.js';
import type { ClientSession } from '../../library/session/ports.js';
import { ConversationsService } from './conversations.service.js';
import { MessagesService } from './messages.service.js';
import { ReadReceipts } from './read-receipts.service.js';
import { messageDraftSchema, readSchema, type MessageText, type Reading } from './schemas.js';
import { Typing } from './typing.js';

/** Conversations over STOMP: `SEND /app/conversations/7/message` with `{"text":"Hello"}`. */
@Injectable()
export class ConversationMessages {
  constructor(
    private readonly conversations: ConversationsService,
    private readonly messages: MessagesService,
    private readonly receipts: ReadReceipts,
    private readonly typing: Typing,
  ) {}

  /** RECEIPT: it is committed. */
  @MessageMapping('/conversations/{id}/message')
  async message(
    @Principal() user: SignedIn,
    @DestinationVariable('id', pathIdSchema) id: number,
    @Payload(messageDraftSchema) draft: MessageText,
  ): Promise<void> {
    await forMembers(this.messages.send(id, { senderId: user.id, ...draft }));
  }

  /** It is open there. Nothing follows from it but the answer: all members hear what is said anyway. */
  @MessageMapping('/conversations/{id}/join')
  async join(
    @Principal() user: SignedIn,
    @DestinationVariable('id', pathIdSchema) id: number,
  ): Promise<void> {
    await forMembers(this.conversations.find(user, id));
  }

  @MessageMapping('/conversations/{id}/leave')
  async leave(
    @Principal() user: SignedIn,
    @DestinationVariable('id', pathIdSchema) id: number,
  ): Promise<void> {
    await forMembers(this.typing.stop(user, id));
  }

  @MessageMapping('/conversations/{id}/typing-start')
  async startTyping(
    @Principal() user: SignedIn,
    @ConnectedSession() session: ClientSession,
    @DestinationVariable('id', pathIdSchema) id: number,
  ): Promise<void> {
    await forMembers(this.typing.start(user, id, session.id));
  }

  @MessageMapping('/conversations/{id}/typing-stop')
  async stopTyping(
    @Principal() user: SignedIn,
    @DestinationVariable('id', pathIdSchema) id: number,
  ): Promise<void> {
    await forMembers(this.typing.stop(user, id));
  }

  @MessageMapping('/conversations/{id}/read')
  async read(
    @Principal() user: SignedIn,
    @DestinationVariable('id', pathIdSchema) id: number,
    @Payload(readSchema, { defaultValue: {} }) which: Reading,
  ): Promise<void> {
    await forMembers(this.receipts.read(user, id, which));
  }
}

/** A user whose channel it isn't is told so in the words of the sockets. */
async function forMembers<T>(done: Promise<T>): Promise<T> {
  try {
    return await done;
  } catch (error) {
    if (!(error instanceof Refusal) || String(error.code) !== 'not_found') throw error;
    throw new Refusal('forbidden', 'There is no such conversation, or you are not in it.', { cause: error });
  }
}
