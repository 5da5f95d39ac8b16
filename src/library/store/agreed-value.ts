import { rowsOf } from './rows.js';
import type { Store } from './store.js';

/**
 * The value that all nodes of a database have by this name: of those that ask first one makes it, and it stays.
 * Needs the migration `AgreedValues1764310000000`.
 * @param name of 64 characters at most
 * @param make a value of 255 characters at most; what it makes may go unused
 */
export async function agreedValue(store: Store, name: string, make: () => string): Promise<string> {
  const known = await find(store, name);
  if (known !== undefined) return known;
  await store.write(({ manager }) =>
    rowsOf(manager, 'insert into agreed_value (name, value) values ($1, $2) on conflict (name) do nothing', [
      name,
      make(),
    ]),
  );
  const agreed = await find(store, name);
  if (agreed === undefined)
    throw new Error(`The value "${name}" was taken out of the database as it was made`);
  return agreed;
}

async function find({ read }: Store, name: string): Promise<string | undefined> {
  const [row] = await rowsOf<{ value: string }>(read, 'select value from agreed_value where name = $1', [
    name,
  ]);
  return row?.value;
}
