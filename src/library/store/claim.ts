/** That this process alone has the database open. It dies with the process, however that ends. */
export interface Claim {
  release(): Promise<void>;
}

/** Another process has the database open, and isn't meant to share it. */
export class DatabaseTaken extends Error {
  override readonly name = 'DatabaseTaken';
}
