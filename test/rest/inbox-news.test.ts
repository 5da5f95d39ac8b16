import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NotificationService } from '../../src/clinic/notifications/notification.service.js';
import { Store } from '../../src/library/store/store.js';
import { postgres, sqlite, type FreshDatabase } from '../databases.js';
import { ask, newPatient, openClinic, type Clinic, type Login } from './clinic.js';
import { connect, type Connection, type Subscription } from './stomp.js';

interface News {
  readonly counts: { readonly unseen: number; readonly unread: number };
  readonly state?: string;
}

for (const kind of [sqlite, postgres]) {
  describe.skipIf(!kind.isHere)(`the news of an inbox, on ${kind.name}`, () => {
    let database: FreshDatabase;
    let clinic: Clinic;
    let reader: Login;
    let phone: Connection;
    let desktop: Subscription;
    let sent: { readonly id: number; readonly cursor: string }[];

    beforeAll(async () => {
      database = await kind.create();
      clinic = await openClinic({}, database);
    });
    afterAll(async () => {
      await clinic.close();
      await database.drop();
    });

    beforeEach(async () => {
      reader = await newPatient(clinic);
      sent = [];
      for (const message of ['one', 'two', 'three']) sent.push(await notify(message));
      phone = await connect(clinic, reader);
      desktop = await phone.subscribe('/user/queue/inbox');
    });
    afterEach(() => phone.close());

    it('brings the counts when something rings', async () => {
      await notify('four');

      let heard = await desktop.next();
      while ((heard.body as News).counts.unread < 4) heard = await desktop.next();

      expect(heard).toMatchObject({ type: 'inbox', body: { counts: { unseen: 4, unread: 4 } } });
    });

    it.each<[string, object, object, string]>([
      ['a PATCH that reads', { isRead: true }, { unseen: 2, unread: 2 }, 'read'],
      ['a PATCH that sees', { isSeen: true }, { unseen: 2, unread: 3 }, 'seen'],
      ['a PATCH that archives', { isArchived: true }, { unseen: 2, unread: 2 }, 'archived'],
    ])('tells of %s', async (_, marks, counts, state) => {
      await patch(0, marks);

      expect(await nextChange()).toEqual({ counts, ids: [sent[0]?.id], state });
    });

    it('tells of each state that a PATCH takes back', async () => {
      await patch(0, { isRead: true, isArchived: true });
      const [read, archived] = [await nextChange(), await nextChange()];
      await patch(0, { isSeen: false, isArchived: false });
      const [unseen, unarchived] = [await nextChange(), await nextChange()];

      expect([read, archived, unseen, unarchived]).toMatchObject([
        { state: 'read', counts: { unseen: 2, unread: 2 } },
        { state: 'archived', counts: { unseen: 2, unread: 2 } },
        { state: 'unseen', counts: { unseen: 3, unread: 3 } },
        { state: 'unarchived', counts: { unseen: 3, unread: 3 } },
      ]);
    });

    it.each([
      ['seen', ['seen']],
      ['unseen', ['seen', 'unseen']],
      ['read', ['read']],
      ['unread', ['read', 'unread']],
      ['archived', ['archive']],
      ['unarchived', ['archive', 'unarchive']],
    ])('tells who was made %s over STOMP', async (state, verbs) => {
      for (const verb of verbs) await phone.send(`/app/notifications.${verb}`, { ids: ids() });

      let last = await nextChange();
      for (let i = 1; i < verbs.length; i++) last = await nextChange();

      expect(last).toMatchObject({ ids: ids(), state });
    });

    it('tells of read-all by its cursor, not by a list of all rows', async () => {
      const { cursor } = sent[1]!;
      await ask(`${clinic.url}/api/notifications/read-all`, {
        token: reader.token,
        body: { upTo: cursor, filter: 'unread' },
      });

      expect(await nextChange()).toEqual({
        counts: { unseen: 1, unread: 1 },
        upTo: cursor,
        filter: 'unread',
        state: 'read',
      });
    });

    it('says nothing where nothing has changed, nor of an acknowledgement', async () => {
      const { cursor } = sent[2]!;
      await patch(0, { isRead: false });
      await patch(0, {});
      await ask(`${clinic.url}/api/notifications/ack`, { token: reader.token, body: { upTo: cursor } });
      await patch(2, { isSeen: true });

      expect(await nextChange()).toMatchObject({ state: 'seen', ids: [sent[2]?.id] });
    });

    it('says nothing of another’s inbox', async () => {
      const other = await newPatient(clinic);
      await clinic.application.get(NotificationService).sendNotification(other.user.id, 'private');
      await patch(0, { isSeen: true });

      expect(await nextChange()).toMatchObject({ counts: { unseen: 2, unread: 3 } });
    });

    it('makes few messages of a burst, and ends with the true counts', async () => {
      await clinic.application.get(Store).write(async (tx) => {
        const service = clinic.application.get(NotificationService);
        for (let i = 0; i < 100; i++) await service.sendNotification(reader.user.id, `burst ${i}`, { tx });
      });

      const counts: number[] = [];
      while (counts.at(-1) !== 103) counts.push(((await desktop.next()).body as News).counts.unread);

      // Looks for the rows before may have been on their way.
      expect(counts.length).toBeLessThanOrEqual(3);
    });

    /** Passes over what only brings counts: those of the rows that were there before. */
    async function nextChange(): Promise<News> {
      for (;;) {
        const news = (await desktop.next()).body as News;
        if (news.state !== undefined) return news;
      }
    }

    function notify(message: string): Promise<{ id: number; cursor: string }> {
      return clinic.application.get(NotificationService).sendNotification(reader.user.id, message);
    }

    function patch(i: number, body: object): Promise<unknown> {
      const url = `${clinic.url}/api/notifications/${sent[i]?.id}`;
      return ask(url, { token: reader.token, method: 'PATCH', body });
    }

    function ids(): number[] {
      return sent.map(({ id }) => id);
    }
  });
}
