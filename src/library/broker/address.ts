import { randomBytes } from 'node:crypto';

/**
 * Addresses: where messages go. A destination is what a client writes; an address is what it resolves to.
 * `/user/queue/x` of ada@example.org is the destination of the address `/user/ada%40example.org/queue/x`.
 */

/** The first segment of an address: it says who serves it. */
export type AddressKind = 'topic' | 'queue' | 'user' | 'app' | 'reply-queue';

/** undefined where the first segment isn't one of them: `/topicality/x` has no kind. */
export function kindOf(destination: string): AddressKind | undefined {
  for (const { kind, prefix } of kinds) {
    if (destination.startsWith(prefix) && destination.length > prefix.length) return kind;
  }
  return undefined;
}

const kinds = (['topic', 'queue', 'user', 'app', 'reply-queue'] as const).map((kind) => ({
  kind,
  prefix: `/${kind}/`,
}));

/** The address that all sessions of a user share. @param destination below `/user`, such as `/queue/notifications` */
export function userAddress(name: string, destination: string): string {
  // Most names are e-mail addresses, and this makes the same of them in half the time.
  if (EMAIL.test(name)) return `/user/${name.replace('@', '%40')}${destination}`;
  // encodeURIComponent leaves `*`, and a user of that name must not be a pattern over all others.
  return `/user/${encodeURIComponent(name).replaceAll('*', '%2A')}${destination}`;
}

/** Of those that encodeURIComponent changes only at the `@`. */
const EMAIL = /^[\w.-]+@[\w.-]+$/;

/** An address of one session, for answers to what it sends: nobody finds it who wasn't handed it. */
export function newReplyAddress(): string {
  return `/reply-queue/${randomBytes(REPLY_SECRET_BYTES).toString('base64url')}`;
}

/** Whether it may be one, of a session that is here, is elsewhere, or is gone. */
export function isReplyAddress(destination: string): boolean {
  return REPLY_ADDRESS.test(destination);
}

const REPLY_SECRET_BYTES = 18;
const REPLY_ADDRESS = /^\/reply-queue\/[\w-]{24}$/;

/** `*` as a whole segment, or `**` as the last one. Patterns exist in subscriptions to `/topic` only. */
export function isPattern(destination: string): boolean {
  return destination.includes('*');
}

/** Segments end at `/` or `.`; each keeps its separator, since `a.b` is not `a/b`. `/topic/a.b` → `/topic`, `/a`, `.b`. */
export function segmentsOf(address: string): string[] {
  return address.match(/[/.][^/.]*|^[^/.]+/g) ?? [];
}
