/** `carillon/inbox`: a mailbox for each user, numbered without holes, whose cursor resumes every transport. */
export type { AddedEntry, Entry, EntryDraft } from '../inbox/entry.js';
export type { Filter } from '../inbox/filters.js';
export { InboxLog, type Mailboxes } from '../inbox/inbox-log.js';
export { InboxModule } from '../inbox/inbox.module.js';
export { Inbox, type Counts, type EntryKey, type EntryQuery } from '../inbox/inbox.js';
export { ownerOf } from '../store/owner.js';
export { placeAfter, positionIn, rangeOf, type Head, type Position } from '../store/position.js';
export { renewEpochs } from '../inbox/renew-epochs.js';
export { RetentionModule } from '../inbox/retention.module.js';
export type { RetentionOptions } from '../inbox/retention.js';
export { changeState, type Selection, type State } from '../inbox/states.js';
export { Inbox1735689600000 } from '../../../migrations/1735689600000-inbox.js';
export { Retention1763700000004 } from '../../../migrations/1763700000004-retention.js';
export { Superseded1764280000000 } from '../../../migrations/1764280000000-superseded.js';
