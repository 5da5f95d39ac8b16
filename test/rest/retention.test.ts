import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Retention } from '../../src/library/inbox/retention.js';
import { NotificationService } from '../../src/clinic/notifications/notification.service.js';
import { Store } from '../../src/library/store/store.js';
import { postgres, sqlite, type FreshDatabase } from '../databases.js';
import { ask, newPatient, openClinic, problemOf, type Answer, type Clinic, type Login } from './clinic.js';
import { connect } from './stomp.js';

const DAY_MS = 86_400_000;

interface Page {
  readonly items: readonly { readonly id: number; readonly seq: number; readonly cursor: string }[];
  readonly next: string | null;
}

for (const kind of [sqlite, postgres]) {
  describe.skipIf(!kind.isHere)(`what was pruned, on ${kind.name}`, () => {
    let database: FreshDatabase;
    let clinic: Clinic;
    let reader: Login;
    let cursors: string[];

    beforeAll(async () => {
      database = await kind.create();
      clinic = await openClinic({ RETENTION_DAYS: '30' }, database);
    });
    afterAll(async () => {
      await clinic.close();
      await database.drop();
    });

    /** Six notifications, of which the first five are old, and of those the third and fifth are read. */
    beforeEach(async () => {
      reader = await newPatient(clinic);
      cursors = [];
      for (let i = 1; i <= 6; i++) {
        const service = clinic.application.get(NotificationService);
        cursors.push((await service.sendNotification(reader.user.id, `Number ${i}`)).cursor);
      }
      await clinic.application.get(Store).write(async ({ manager }) => {
        const old = 'update notification set created_at = $1 where owner_id = $2 and seq <= 5';
        await manager.query(old, [Date.now() - 31 * DAY_MS, reader.user.id]);
      });
      const { items } = (await list('after=earliest')).body;
      for (const i of [2, 4]) {
        const url = `${clinic.url}/api/notifications/${items[i]?.id}`;
        await ask(url, { token: reader.token, method: 'PATCH', body: { isRead: true } });
      }
      await clinic.application.get(Retention, { strict: false }).prune();
    });

    it('is gone, and what is unread stays', async () => {
      expect(seqs(await list(''))).toEqual([6, 4, 2, 1]);
      expect(seqs(await list('filter=unread'))).toEqual([6, 4, 2, 1]);
    });

    it('lets no position before it prove anything over REST', async () => {
      const answer = await list(`after=${cursors[3]}`);

      expect(problemOf(answer as unknown as Answer)).toEqual({ status: 410, code: 'cursor_reset' });
      expect(answer.body).toMatchObject({ reason: 'pruned', cursor: cursors[5], earliest: cursors[4] });
      expect(seqs(await list(`after=${cursors[4]}`))).toEqual([6]);
    });

    it('doesn’t end a walk from the earliest row, page by page, in either direction', async () => {
      const walk = async (first: string, direction: string): Promise<number[]> => {
        const seen: number[] = [];
        for (let query: string | undefined = first; query !== undefined;) {
          const page: Answer<Page> = await list(`limit=1&${query}`);
          seen.push(...seqs(page));
          query = page.body.next === null ? undefined : `${direction}=${page.body.next}`;
        }
        return seen;
      };

      expect(await walk('after=earliest', 'after')).toEqual([1, 2, 4, 6]);
      expect(await walk('', 'before')).toEqual([6, 4, 2, 1]);
    });

    it('is told to who resumes over STOMP from before it', async () => {
      const connection = await connect(clinic, reader);

      const subscription = await connection.subscribe('/user/queue/notifications', { since: cursors[0]! });
      const first = await subscription.next();
      await connection.close();

      expect(first).toMatchObject({
        type: 'resume',
        body: { verdict: 'reset', reason: 'pruned', from: cursors[0], to: cursors[5], earliest: cursors[4] },
      });
    });

    it('is told to who resumes over SSE from before it', async () => {
      const response = await fetch(`${clinic.url}/api/notifications/stream?since=${cursors[0]}`, {
        headers: { Authorization: `Bearer ${reader.token}` },
      });

      let text = '';
      for await (const chunk of response.body ?? []) {
        text += Buffer.from(chunk as Uint8Array).toString();
        if (/event: resume\n.*\n\n/.test(text)) break;
      }

      expect(text).toContain(`id: ${cursors[5]}\nevent: resume\ndata: {"verdict":"reset","reason":"pruned"`);
    });

    function list(query: string): Promise<Answer<Page>> {
      return ask(`${clinic.url}/api/notifications?${query}`, { token: reader.token });
    }

    function seqs({ body }: Answer<Page>): number[] {
      return body.items.map(({ seq }) => seq);
    }
  });
}
