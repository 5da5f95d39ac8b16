import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { cursorOf } from '../../library/broker/cursor.js';
import { MessagingTemplate } from '../../library/nest/template.js';
import { encodePayload } from '../../library/nest/payload.js';
import type { KeptMessage } from '../../library/store/kept-message.js';
import { KeptAnswers, type KeyedRequest } from '../../library/store/kept-answers.js';
import { rangeOf } from '../../library/store/position.js';
import { SqlTopicStore } from '../../library/store/sql-topic-store.js';
import { NOTIFICATIONS_OPTIONS, type NotificationsOptions } from './options.js';
import { readPage, type PageQuery } from './pages.js';

/** The topic of announcements, which keeps its messages. */
export const ANNOUNCEMENTS = '/topic/announcements';

/** An announcement as the API shows it. */
export interface AnnouncementItem {
  readonly message: string;
  readonly timestamp: Date;
  readonly cursor: string;
  readonly seq: number;
}

/** A page of announcements. */
export interface AnnouncementPage {
  readonly items: readonly AnnouncementItem[];
  readonly next: string | null;
  /** The head: a subscription from there on misses nothing that this page doesn't have. */
  readonly cursor: string;
}

/** Words for everybody: a row first, then a push to those who are there; the others read them later. */
@Injectable()
export class Announcements {
  constructor(
    private readonly topics: SqlTopicStore,
    private readonly answers: KeptAnswers,
    private readonly template: MessagingTemplate,
    @Inject(NOTIFICATIONS_OPTIONS) private readonly options: NotificationsOptions,
  ) {}

  /**
   * Resolves after COMMIT.
   * @returns whether this request was done before, and nothing was done now
   * @throws {Refusal} idempotency_conflict
   */
  async announce(message: string, request: KeyedRequest | undefined): Promise<boolean> {
    const { contentType, body } = encodePayload({ message, timestamp: new Date() });
    const headers = { 'content-type': contentType, 'event-type': 'announcement' };
    const { isReplayed } = await this.answers.once(
      request,
      async (tx) => {
        const draft = { address: ANNOUNCEMENTS, headers: new Map(Object.entries(headers)), body };
        tx.append(this.topics, draft, (kept) => {
          this.template.at(kept).convertAndSend(ANNOUNCEMENTS, body, headers);
        });
        return true;
      },
      () => true,
    );
    return isReplayed;
  }

  /** Newest first, or oldest first with `after`. @throws {Refusal} invalid_request, cursor_reset */
  async list(query: PageQuery): Promise<AnnouncementPage> {
    const head = await this.topics.head(ANNOUNCEMENTS);
    const limit = Math.min(query.limit, this.options.limits.pageItems);
    const { rows, next } = await readPage(head, { ...query, limit }, true, (range) =>
      this.topics.list(ANNOUNCEMENTS, range),
    );
    return { items: rows.map(itemOf), next, cursor: rangeOf(head).cursor };
  }
}

/** An operator may have sent anything by STOMP: what isn't one of ours is shown as its text. */
function itemOf(kept: KeptMessage): AnnouncementItem {
  const { body, createdAt, seq } = kept;
  const text = Buffer.from(body).toString();
  const { message = text, timestamp = createdAt } = announced.safeParse(text).data ?? {};
  return { message, timestamp, cursor: cursorOf(kept), seq };
}

const announced = z
  .string()
  .transform((text, { issues }): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      issues.push({ code: 'custom', input: text });
      return z.NEVER;
    }
  })
  .pipe(z.object({ message: z.string(), timestamp: z.coerce.date().optional() }));
