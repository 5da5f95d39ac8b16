/** Where a user's values outlive the page. Any of it may reject or never answer: then all goes on without. */
export interface OfflineStore {
  get(key: string): Promise<unknown>;
  /** @param value what `structuredClone` can copy */
  set(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
}

/** What a browser keeps for several users, each apart. */
export interface OfflineStores {
  of(owner: string): OfflineStore;
  /** Of whom something is kept. */
  owners(): Promise<readonly string[]>;
  /** Deletes all that is kept of one user: at sign-out, and when the login has ended. */
  forget(owner: string): Promise<void>;
}
