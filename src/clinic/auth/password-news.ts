import { z } from 'zod';
import type { NodeMessages } from '../../library/broker/node-messages.js';
import type { Passwords } from './passwords.js';

const SUBJECT = 'logins.failed';

/** Of a node of this version; what another one tells may be something else. */
const told = z.object({ from: z.string().length(43), isRight: z.boolean() });

/** Nodes tell each other what they found of passwords, so that who guesses has no more guesses on several nodes than on one. */
export function sharePasswordChecks(
  passwords: Pick<Passwords, 'onChecked' | 'checkedElsewhere'>,
  messages: Pick<NodeMessages, 'tell' | 'listen'>,
): void {
  passwords.onChecked((checked) => messages.tell(SUBJECT, checked));
  messages.listen(SUBJECT, (content) => {
    const { data } = told.safeParse(content);
    if (data) passwords.checkedElsewhere(data);
  });
}
