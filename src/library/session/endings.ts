import { Refusal, type ClosingCode } from '../errors.js';

/** Why a conversation ends where no message of its client was at fault, in words for that client. */
export function ending(code: ClosingCode): Refusal {
  const retryAfterMs = code === 'rate_limited' ? 1_000 : undefined;
  return new Refusal(code, sentences[code] ?? 'The connection ends.', { retryAfterMs });
}

const sentences: Partial<Record<ClosingCode, string>> = {
  auth_expired: 'The token has expired; connect with a new one.',
  auth_revoked: 'The login was ended; sign in again.',
  heartbeat_timeout: 'Nothing was heard for longer than the heart-beats allow.',
  slow_consumer: 'Too many messages are unsettled or unread; connect again and read on.',
  rate_limited: 'More was sent than can be taken; send slower.',
  server_drain: 'This node is going away; connect again.',
};
