/** Which rows a list shows. `all`: archived ones too. `unread`: not archived. */
export type Filter = keyof typeof filters;

/** As conditions, word for word as in the partial indexes, or these aren't used. */
export const filters = {
  all: [],
  unread: ['read_at is null', 'archived_at is null'],
  archived: ['archived_at is not null'],
} as const;
