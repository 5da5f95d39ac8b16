import { Injectable } from '@nestjs/common';
import { In, type EntityManager } from 'typeorm';
import { Refusal } from '../errors.js';
import { Inbox } from '../../library/inbox/inbox.js';
import { listsIn, rowsOf } from '../../library/store/rows.js';
import { Store } from '../../library/store/store.js';
import type { Transaction } from '../../library/store/transaction.js';
import { defaultLanguage, type Language } from '../words/language.js';
import { UserRow } from './user.entity.js';

/** What others may know of somebody. */
export type Person = Pick<UserRow, 'id' | 'email' | 'name' | 'role'>;
/** A doctor as everybody may see them. */
export type Doctor = Pick<UserRow, 'id' | 'name' | 'specialty'>;
/** A patient as those may see them who book for somebody. */
export type Patient = Pick<UserRow, 'id' | 'name' | 'email'>;
/** A person who isn't in the table yet. */
export type NewUser = Omit<UserRow, 'id' | 'language'>;

/** Looks up and creates users. Within a unit of work give its `tx.manager`; without, committed rows are read. */
@Injectable()
export class UsersService {
  readonly #listeners = new Set<(userId: number) => void>();

  constructor(
    private readonly store: Store,
    private readonly inbox: Inbox,
  ) {}

  async find(id: number, manager: EntityManager = this.store.read): Promise<Person | undefined> {
    const [found] = await rowsOf<Person>(manager, `select ${person.join()} from users where id = $1`, [id]);
    return found;
  }

  /** @param email in any case */
  async findByEmail(email: string, manager: EntityManager = this.store.read): Promise<Person | undefined> {
    const sql = `select ${person.join()} from users where email = $1`;
    const [found] = await rowsOf<Person>(manager, sql, [email.toLowerCase()]);
    return found;
  }

  /** The ids of those whose addresses are known, by address. @param emails in lower case */
  async idsOf(emails: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await rowsOf<{ email: string; id: number }>(
      this.store.read,
      `select email, id from users
       where email in (select value->>0 from ${listsIn(this.store.read, '$1')})`,
      // A lone surrogate, which JSON can write and PostgreSQL can't read, is in nobody's address.
      [JSON.stringify(emails.map((email) => [Buffer.from(email).toString()]))],
    );
    return new Map(rows.map(({ email, id }) => [email, id]));
  }

  /** The people behind the ids, as far as they exist. */
  async findAll(
    ids: readonly number[],
    manager: EntityManager = this.store.read,
  ): Promise<ReadonlyMap<number, Person>> {
    const people = await manager.find(UserRow, { select: person, where: { id: In([...new Set(ids)]) } });
    return new Map(people.map((one) => [one.id, one]));
  }

  /** In which language each is told things. */
  async languagesOf(
    ids: readonly number[],
    manager: EntityManager = this.store.read,
  ): Promise<(id: number) => Language> {
    const rows = await rowsOf<Pick<UserRow, 'id' | 'language'>>(
      manager,
      `select id, language from users
       where language is not null and id in (select cast(value->>0 as bigint) from ${listsIn(manager, '$1')})`,
      [JSON.stringify(ids.map((id) => [id]))],
    );
    const chosen = new Map(rows.map(({ id, language }) => [id, language]));
    return (id) => chosen.get(id) ?? defaultLanguage;
  }

  doctors(): Promise<Doctor[]> {
    return this.store.read.find(UserRow, {
      select: ['id', 'name', 'specialty'],
      where: { role: 'doctor' },
      order: { name: 'asc', id: 'asc' },
    });
  }

  /** Patients by parts of their name or e-mail address, all of which have to fit. By name. */
  findPatients(search: string, limit: number): Promise<Patient[]> {
    const { read } = this.store;
    // SQLite's `like` knows capitals of ASCII alone, PostgreSQL's none; `ilike` is PostgreSQL's.
    const like = read.connection.options.type === 'postgres' ? 'ilike' : 'like';
    const patterns = search
      .split(/\s+/)
      .slice(0, MAX_WORDS)
      .map((word) => spellings(word).map((text) => `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`));
    let count = 0;
    const conditions = patterns.map((ofWord) => {
      const either = ofWord.map(() => {
        count += 1;
        return `name || ' ' || email ${like} $${count} escape '\\'`;
      });
      return `(${either.join(' or ')})`;
    });
    return rowsOf<Patient>(
      read,
      `select id, name, email from users where ${conditions.join(' and ')} and role = 'patient'
       order by name, id limit ${limit}`,
      patterns.flat(),
    );
  }

  /** The hash of the password, to check one; undefined where nobody has this address. */
  async passwordHashOf(email: string): Promise<string | undefined> {
    const found = await this.store.read.findOne(UserRow, {
      select: ['passwordHash'],
      where: { email: email.toLowerCase() },
    });
    return found?.passwordHash;
  }

  /** @param from the hash that is there; where another is there by now, nothing changes */
  async changePassword(
    tx: Transaction,
    email: string,
    { from, to }: { readonly from: string; readonly to: string },
  ): Promise<void> {
    await tx.manager.update(UserRow, { email, passwordHash: from }, { passwordHash: to });
  }

  async rename(tx: Transaction, id: number, name: string): Promise<void> {
    await tx.manager.update(UserRow, { id }, { name });
  }

  /** Whatever the password was. */
  async replacePassword(tx: Transaction, id: number, passwordHash: string): Promise<void> {
    await tx.manager.update(UserRow, { id }, { passwordHash });
  }

  /** Whether nobody else has an address, or had it until a while ago. @param email in lower case */
  async isFree(email: string, userId: number): Promise<boolean> {
    const taken = await rowsOf(
      this.store.read,
      `select 1 from users where email = $1
       union all select 1 from former_email where email = $2 and user_id <> $3 and kept_until > $4`,
      [email, email, userId, Date.now()],
    );
    return taken.length === 0;
  }

  /**
   * Gives somebody another address; nobody else gets the old one for a while.
   * @param email in lower case
   * @returns the address that they had
   * @throws {Refusal} email_taken
   */
  async changeEmail({ manager }: Transaction, id: number, email: string, keptMs: number): Promise<string> {
    const before = await this.find(id, manager);
    if (!before) throw new Refusal('not_found', 'There is no such user.');
    const now = Date.now();
    const [changed] = await rowsOf(
      manager,
      `update users set email = $1 where id = $2 and not exists (select 1 from users where email = $3)
         and not exists (select 1 from former_email where email = $4 and user_id <> $5 and kept_until > $6)
       returning id`,
      [email, id, email, email, id, now],
    ).catch((error: unknown) => {
      // On PostgreSQL another transaction may have been between the look and the write.
      if (isDuplicate(error)) throw emailTaken();
      throw error;
    });
    if (!changed) throw emailTaken();
    await rowsOf(manager, 'delete from former_email where email = $1 returning 1', [email]);
    await rowsOf(
      manager,
      `insert into former_email (email, user_id, kept_until) values ($1, $2, $3)
       on conflict (email) do update set user_id = excluded.user_id, kept_until = excluded.kept_until`,
      [before.email, id, now + keptMs],
    );
    return before.email;
  }

  /** The addresses that people have now who once had these. @param emails in lower case */
  async movedFrom(emails: readonly string[]): Promise<string[]> {
    const rows = await rowsOf<{ email: string }>(
      this.store.read,
      `select users.email from former_email join users on users.id = user_id
       where former_email.email in (select value->>0 from ${listsIn(this.store.read, '$1')})`,
      [JSON.stringify(emails.map((email) => [email]))],
    );
    return rows.map(({ email }) => email);
  }

  /** Calls back when somebody has another address, on whichever node. */
  onReaddressed(listener: (userId: number) => void): void {
    this.#listeners.add(listener);
  }

  /** Somebody has another address, and that is committed. */
  readdressed(userId: number): void {
    for (const tell of this.#listeners) tell(userId);
  }

  /** Adds somebody, and the inbox with it. @throws {Refusal} email_taken */
  async create(tx: Transaction, { email, name, role, specialty, passwordHash }: NewUser): Promise<Person> {
    const address = email.toLowerCase();
    const [added] = await rowsOf<{ id: number }>(
      tx.manager,
      `insert into users (email, name, role, specialty, password_hash)
       select cast($1 as varchar), cast($2 as varchar), cast($3 as varchar), cast($4 as varchar), cast($5 as varchar)
       where not exists (select 1 from former_email where email = $6 and kept_until > $7)
       on conflict (email) do nothing returning id`,
      [address, name, role, specialty, passwordHash, address, Date.now()],
    );
    if (!added) throw emailTaken();
    await this.inbox.open(tx, added.id);
    return { id: added.id, email: address, name, role };
  }
}

function emailTaken(): Refusal {
  return new Refusal('email_taken', 'There is an account with this e-mail address already.');
}

/** PostgreSQL's unique_violation. */
function isDuplicate(error: unknown): boolean {
  return (Object(error) as { readonly code?: unknown }).code === '23505';
}

/** Of a search; more would say nothing. */
const MAX_WORDS = 5;

/** As typed, small, in capitals, and with one in front: what a database makes of letters beyond ASCII. */
function spellings(word: string): string[] {
  const small = word.toLowerCase();
  const [first = '', ...rest] = small;
  return [...new Set([word, small, word.toUpperCase(), first.toUpperCase() + rest.join('')])];
}

const person: (keyof Person)[] = ['id', 'email', 'name', 'role'];
