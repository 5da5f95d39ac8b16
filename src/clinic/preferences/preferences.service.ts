import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ownerOf } from '../../library/store/owner.js';
import { listsIn, rowsOf } from '../../library/store/rows.js';
import { Store } from '../../library/store/store.js';
import type { Transaction } from '../../library/store/transaction.js';
import type { Language } from '../words/language.js';
import { alertKinds } from './alert-kinds.js';
import { defaultPreferences, type Preferences } from './preferences.js';
import { preferencesChangeSchema, type PreferencesChange } from './schemas.js';

/** Somebody's preferences became others. */
export interface ChangedPreferences {
  readonly userId: number;
  readonly before: Preferences;
  readonly after: Preferences;
}

/** Called in the transaction of the change, so that what follows from it is committed with it or not at all. */
export type PreferencesListener = (tx: Transaction, changed: ChangedPreferences) => Promise<void>;

/** What people want to hear, and where. What somebody never changed follows the defaults, also where these change. */
@Injectable()
export class PreferencesService {
  readonly #listeners = new Set<PreferencesListener>();

  constructor(private readonly store: Store) {}

  /** Within a unit of work give its `tx.manager`. */
  async find(
    userId: number,
    manager: EntityManager = this.store.readFor(ownerOf(userId)),
  ): Promise<Preferences> {
    const preferencesOf = await this.findAll([userId], manager);
    return preferencesOf(userId);
  }

  /** Those of several people, as they are at one moment. */
  async findAll(
    userIds: readonly number[],
    manager: EntityManager = this.store.read,
  ): Promise<(userId: number) => Preferences> {
    const rows = await rowsOf<Row>(
      manager,
      `select users.id as user_id, role, language, changes from users left join preference on user_id = users.id
       where users.id in (select cast(value->>0 as bigint) from ${listsIn(manager, '$1')})`,
      [JSON.stringify(userIds.map((id) => [id]))],
    );
    const found = new Map(rows.map((row) => [row.user_id, preferencesFrom(row)]));
    return (userId) => found.get(userId) ?? defaultPreferences('patient');
  }

  /** Calls back whenever somebody's preferences change, on the node where they do. */
  onChange(listener: PreferencesListener): void {
    this.#listeners.add(listener);
  }

  /** Changes what is given and leaves the rest. @returns all of them */
  async change(userId: number, change: PreferencesChange): Promise<Preferences> {
    return this.store.write(async (tx) => {
      const own = await lockedRow(tx.manager, userId);
      const before = preferencesFrom(own);
      const { language = own.language, ...others } = change;
      const changes = merged(parsed(own), others);
      await rowsOf(tx.manager, 'update preference set changes = $1 where user_id = $2', [
        JSON.stringify(changes),
        userId,
      ]);
      if (language !== own.language)
        await rowsOf(tx.manager, 'update users set language = $1 where id = $2', [language, userId]);
      const after = applied({ ...changes, language }, own.role);
      for (const tell of this.#listeners) await tell(tx, { userId, before, after });
      return after;
    }, ownerOf(userId));
  }
}

type Role = Parameters<typeof defaultPreferences>[0];

interface Row {
  readonly user_id: number;
  readonly role: Role;
  readonly language: Language | null;
  /** JSON of what differs from the defaults; null where nothing was ever changed. */
  readonly changes: string | null;
}

/** On PostgreSQL another change of the same person waits, and so loses nothing of this one; on SQLite there is none. */
async function lockedRow(manager: EntityManager, userId: number): Promise<Row> {
  await rowsOf(
    manager,
    `insert into preference (user_id, changes) values ($1, '{}') on conflict (user_id) do nothing`,
    [userId],
  );
  const lock = manager.connection.options.type === 'postgres' ? ' for update of preference' : '';
  const [row] = await rowsOf<Row>(
    manager,
    `select user_id, role, language, changes from preference join users on users.id = user_id where user_id = $1${lock}`,
    [userId],
  );
  if (!row) throw new Error(`There is no user ${userId}`);
  return row;
}

function preferencesFrom(row: Row): Preferences {
  return applied({ ...parsed(row), language: row.language }, row.role);
}

/** What an older or a newer version wrote, as far as this one knows it. */
function parsed({ changes }: Row): PreferencesChange {
  return preferencesChangeSchema.safeParse(JSON.parse(changes ?? '{}')).data ?? {};
}

function merged(own: PreferencesChange, change: PreferencesChange): PreferencesChange {
  const kinds = Object.fromEntries(
    alertKinds
      .map((kind) => [kind, { ...own.kinds?.[kind], ...given(change.kinds?.[kind] ?? {}) }] as const)
      .filter(([, switches]) => Object.keys(switches).length > 0),
  );
  return { ...own, ...given(change), kinds };
}

function applied({ kinds = {}, ...others }: PreferencesChange, role: Role): Preferences {
  const defaults = defaultPreferences(role);
  return {
    ...defaults,
    ...given(others),
    kinds: Object.fromEntries(
      alertKinds.map((kind) => [kind, { ...defaults.kinds[kind], ...given(kinds[kind] ?? {}) }]),
    ) as Preferences['kinds'],
  };
}

/** Without members that are there and undefined. */
function given<T extends object>(change: T): { [Key in keyof T]-?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]-?: Exclude<T[Key], undefined>;
  };
}
