/** That this process has the database open. It dies with the process, however that ends. */
export interface DatabaseClaim {
  release(): Promise<void>;
}

/**
 * For itself, or as one of several nodes that hear each other. A node for itself and another one, of whichever kind, never
 * have a database at the same time.
 */
export type ClaimKind = 'alone' | 'shared';

/** Another process has the database open, and one of the two isn't meant to share it. */
export class DatabaseTaken extends Error {
  override readonly name = 'DatabaseTaken';
}
