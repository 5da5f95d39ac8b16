import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConversationPruning } from '../../src/clinic/conversations/conversation-pruning.js';
import { rowsOf } from '../../src/library/store/rows.js';
import { Store } from '../../src/library/store/store.js';
import { postgres, sqlite, type FreshDatabase } from '../databases.js';
import { ask, openClinic, signIn, type Clinic, type Login } from './clinic.js';

const DAY_MS = 86_400_000;

for (const kind of [sqlite, postgres]) {
  describe.skipIf(!kind.isHere)(`conversations that were deleted, on ${kind.name}`, () => {
    let database: FreshDatabase;
    let clinic: Clinic;
    let doctor: Login;
    let others: readonly Login[];

    beforeAll(async () => {
      database = await kind.create();
      clinic = await openClinic({ LIMIT_CONVERSATIONS_PER_USER: '2', LIMIT_PRUNE_ROWS: '3' }, database);
      doctor = await signIn(clinic, 'doctor');
      others = [
        await signIn(clinic, 'patient'),
        await signIn(clinic, 'doctor2'),
        await signIn(clinic, 'operator'),
      ];
    });
    afterAll(async () => {
      await clinic.close();
      await database.drop();
    });

    it('are forgotten a day later with all that was said in them, and their places are free; others stay', async () => {
      const deleted = (await begin(0, 1)).body.id;
      const open = (await begin(0, 2)).body.id;
      for (let i = 1; i <= 5; i++) for (const id of [deleted, open]) await say(id, `${i}`);
      await ask(`${clinic.url}/api/conversations/${deleted}`, { token: doctor.token, method: 'DELETE' });

      const onTheDay = { pruned: await prune(), rows: await rows(), status: (await begin(1, 2)).status };
      await clinic.application
        .get(Store)
        .write(({ manager }) =>
          rowsOf(manager, 'update conversation set deleted_at = $1 where conversation_id = $2', [
            Date.now() - DAY_MS - 1,
            deleted,
          ]),
        );
      const later = { pruned: await prune(), rows: await rows(), status: (await begin(1, 2)).status };

      // Five messages, three members, and the conversation.
      expect(onTheDay).toEqual({ pruned: 0, rows: { [deleted]: [3, 5], [open]: [3, 5] }, status: 409 });
      expect(later).toEqual({ pruned: 9, rows: { [open]: [3, 5] }, status: 201 });
    });

    function begin(...which: readonly number[]) {
      return ask<{ id: number }>(`${clinic.url}/api/conversations`, {
        token: doctor.token,
        body: { memberIds: which.map((i) => others[i]?.user.id) },
      });
    }

    function say(id: number, text: string) {
      return ask(`${clinic.url}/api/conversations/${id}/messages`, { token: doctor.token, body: { text } });
    }

    function prune(): Promise<number> {
      return clinic.application.get(ConversationPruning, { strict: false }).prune();
    }

    /** Members and messages that are there, by the conversation's id. */
    async function rows(): Promise<Readonly<Record<number, readonly [number, number]>>> {
      const found = await rowsOf<{ id: number; members: number; messages: number }>(
        clinic.application.get(Store).read,
        `select c.conversation_id as id,
           (select count(*) from conversation_member m where m.conversation_id = c.conversation_id) as members,
           (select count(*) from conversation_message m where m.conversation_id = c.conversation_id) as messages
         from conversation c`,
        [],
      );
      return Object.fromEntries(found.map(({ id, members, messages }) => [id, [members, messages]]));
    }
  });
}
