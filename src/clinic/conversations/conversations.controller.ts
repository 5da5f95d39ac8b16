import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { CurrentUser } from '../auth/access.js';
import { SignedIn } from '../auth/signed-in.js';
import { pathIdSchema } from '../http/id.js';
import { IdempotencyKey, markReplayed, type RequestKey } from '../http/idempotency-key.js';
import { ZodPipe } from '../http/zod.pipe.js';
import { StrayPositions } from '../notifications/stray-positions.js';
import type { Conversation } from './conversation.js';
import { ConversationsService } from './conversations.service.js';
import type { ConversationMessage } from './message.js';
import { MessagesService, type MessagePage } from './messages.service.js';
import { ReadReceipts, type ReadTo } from './read-receipts.service.js';
import {
  beginSchema,
  conversationListSchema,
  deliveredSchema,
  membersSchema,
  messageDraftSchema,
  messageListSchema,
  readSchema,
  type ArrivedUpTo,
  type Beginning,
  type ConversationQuery,
  type MessageQuery,
  type MessageText,
  type NewMembers,
  type Reading,
} from './schemas.js';

const idOf = new ZodPipe(pathIdSchema);
const memberIdOf = new ZodPipe(z.union([z.literal('me'), pathIdSchema]));

/** What people say to each other; also at the paths that clients of the casting platform have. */
@Controller(['api/conversations', 'messages/conversations'])
export class ConversationsController {
  constructor(
    private readonly conversations: ConversationsService,
    private readonly messages: MessagesService,
    private readonly receipts: ReadReceipts,
  ) {}

  @Post()
  async begin(
    @CurrentUser() user: SignedIn,
    @Body(new ZodPipe(beginSchema)) beginning: Beginning,
    @IdempotencyKey() key: RequestKey | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Conversation> {
    const { answer, isReplayed } = await this.conversations.begin(user, beginning, key);
    markReplayed(response, isReplayed);
    if (!answer.isNew) response.status(200);
    return answer.conversation;
  }

  @Get()
  list(
    @CurrentUser() user: SignedIn,
    @Query(new StrayPositions(), new ZodPipe(conversationListSchema)) query: ConversationQuery,
  ): Promise<{ items: Conversation[]; next: string | null }> {
    return this.conversations.list(user, query);
  }

  @Get(':id')
  find(@CurrentUser() user: SignedIn, @Param('id', idOf) id: number): Promise<Conversation> {
    return this.conversations.find(user, id);
  }

  @Delete(':id')
  @HttpCode(204)
  delete(@CurrentUser() user: SignedIn, @Param('id', idOf) id: number): Promise<void> {
    return this.conversations.delete(user, id);
  }

  @Post(':id/members')
  @HttpCode(200)
  addMembers(
    @CurrentUser() user: SignedIn,
    @Param('id', idOf) id: number,
    @Body(new ZodPipe(membersSchema)) { userIds }: NewMembers,
  ): Promise<Conversation> {
    return this.conversations.addMembers(user, id, userIds);
  }

  @Delete(':id/members/:member')
  @HttpCode(204)
  removeMember(
    @CurrentUser() user: SignedIn,
    @Param('id', idOf) id: number,
    @Param('member', memberIdOf) member: number | 'me',
  ): Promise<void> {
    return this.conversations.removeMember(user, id, member === 'me' ? user.id : member);
  }

  @Post(':id/messages')
  async say(
    @CurrentUser() user: SignedIn,
    @Param('id', idOf) id: number,
    @Body(new ZodPipe(messageDraftSchema)) draft: MessageText,
    @IdempotencyKey() key: RequestKey | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ConversationMessage> {
    const { message, isNew, isReplayed } = await this.messages.send(id, { senderId: user.id, ...draft }, key);
    markReplayed(response, isReplayed);
    if (!isNew && !isReplayed) response.status(200);
    return message;
  }

  @Get(':id/messages')
  said(
    @CurrentUser() user: SignedIn,
    @Param('id', idOf) id: number,
    @Query(new StrayPositions(), new ZodPipe(messageListSchema)) query: MessageQuery,
  ): Promise<MessagePage> {
    return this.messages.list(user, id, query);
  }

  @Patch(':id/read')
  read(
    @CurrentUser() user: SignedIn,
    @Param('id', idOf) id: number,
    @Body(new ZodPipe(readSchema)) which: Reading,
  ): Promise<ReadTo> {
    return this.receipts.read(user, id, which);
  }

  @Post(':id/delivered')
  @HttpCode(204)
  delivered(
    @CurrentUser() user: SignedIn,
    @Param('id', idOf) id: number,
    @Body(new ZodPipe(deliveredSchema)) { upTo }: ArrivedUpTo,
  ): Promise<void> {
    return this.receipts.arrived(user, id, upTo);
  }
}
