import { afterEach, beforeEach, expect, it } from 'vitest';
import { Inbox1735689600000 } from '../../../migrations/1735689600000-inbox.js';
import { sqlite, type FreshDatabase } from '../../../test/databases.js';
import { Inbox } from '../../library/inbox/inbox.js';
import { Store } from '../../library/store/store.js';
import { limits } from '../limits.js';
import { UsersService } from '../users/users.service.js';
import { notificationLog } from './notification-log.js';

const ADA = '/user/ada%40example.org/queue/notifications';

let database: FreshDatabase;
let store: Store;
let asked: string[];

class WatchedUsers extends UsersService {
  override async findByEmail(email: string) {
    asked.push(email);
    return email === 'ada@example.org'
      ? ({ id: 1, email, name: 'Ada', role: 'patient' } as const)
      : undefined;
  }
}

beforeEach(async () => {
  asked = [];
  database = await sqlite.create();
  store = await Store.open({
    entities: [],
    migrations: [Inbox1735689600000],
    databaseUrl: database.url,
    limits,
    logError: (message, error) => expect.unreachable(`${message}: ${error}`),
  });
});

afterEach(async () => {
  await store.close();
  await database.drop();
});

it('asks once whose an address is, and each time where it is nobody’s', async () => {
  const inbox = new Inbox(store);
  await store.write((tx) => inbox.open(tx, 1));
  const logOf = notificationLog(inbox, new WatchedUsers(store, inbox), limits);
  const bob = '/user/bob%40example.org/queue/notifications';

  for (let i = 0; i < 3; i++) expect(await logOf(ADA)?.head(ADA)).toMatchObject({ seq: 0 });
  for (let i = 0; i < 2; i++)
    await expect(logOf(bob)?.head(bob)).rejects.toMatchObject({ code: 'not_found' });

  expect(asked).toEqual(['ada@example.org', 'bob@example.org', 'bob@example.org']);
});
