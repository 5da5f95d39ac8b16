import { z } from 'zod';
import type { NodeMessages } from '../../library/broker/node-messages.js';
import type { UsersService } from '../users/users.service.js';
import type { LiveSessions } from './live-sessions.js';
import type { LoginSessions } from './login-sessions.js';
import type { Passwords } from './passwords.js';

const FAILED = 'logins.failed';
const CHANGED = 'logins.changed';
const ENDED = 'logins.ended';
const READDRESSED = 'users.readdressed';

// Of a node of this version; what another one tells may be something else, and is passed over.
const checkedPassword = z.object({ from: z.string().length(43), isRight: z.boolean() });
const readdressedUser = z.object({ id: z.int() });
const endedLogins = z.object({ ids: z.array(z.string()) });

/** Nodes tell each other what they found of passwords, so that who guesses has no more guesses on several nodes than on one. */
export function sharePasswordChecks(
  passwords: Pick<Passwords, 'onChecked' | 'checkedElsewhere' | 'onChanged' | 'forget'>,
  messages: Pick<NodeMessages, 'tell' | 'listen'>,
): void {
  passwords.onChecked((checked) => messages.tell(FAILED, checked));
  messages.listen(FAILED, (content) => {
    const { data } = checkedPassword.safeParse(content);
    if (data) passwords.checkedElsewhere(data);
  });
  passwords.onChanged(() => messages.tell(CHANGED, {}));
  messages.listen(CHANGED, () => passwords.forget());
}

/** Nodes tell each other which logins have ended. One that doesn't hear of it sees it at its next look into the database. */
export function shareEndedLogins(
  sessions: Pick<LoginSessions, 'onEnded'>,
  live: Pick<LiveSessions, 'revoke'>,
  messages: Pick<NodeMessages, 'tell' | 'listen'>,
): void {
  sessions.onEnded((ids) => messages.tell(ENDED, { ids }));
  messages.listen(ENDED, (content) => {
    for (const id of endedLogins.safeParse(content).data?.ids ?? []) live.revoke(id);
  });
}

/** Nodes tell each other whose address was changed. One that doesn't hear of it knows the old one for `recipientsMs`. */
export function shareAddresses(
  users: Pick<UsersService, 'onReaddressed' | 'readdressed'>,
  messages: Pick<NodeMessages, 'tell' | 'listen'>,
): void {
  let isTold = false;
  users.onReaddressed((id) => {
    if (!isTold) messages.tell(READDRESSED, { id });
  });
  messages.listen(READDRESSED, (content) => {
    const { data } = readdressedUser.safeParse(content);
    if (!data) return;
    isTold = true;
    users.readdressed(data.id);
    isTold = false;
  });
}
