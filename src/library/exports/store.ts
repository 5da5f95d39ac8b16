/** `carillon/store`: units of work on SQLite or PostgreSQL, and queues that survive a restart. */
export { DatabaseTaken } from '../store/claim.js';
export { dataSourceOptions, type Schema } from '../store/data-source.js';
export type { StoreOptions } from '../store/database.js';
export { instant } from '../store/instant.js';
export { KeptAnswers, type Kept, type KeyedRequest } from '../store/kept-answers.js';
export { listsIn, manyRowsOf, rowsOf } from '../store/rows.js';
export type { KeptMessage, TopicDraft } from '../store/kept-message.js';
export { placeAfter, positionIn, rangeOf, type Head, type Position } from '../store/position.js';
export { Schedule, type Recurring } from '../store/schedule.js';
export { SqlQueueTable } from '../store/sql-queue-table.js';
export { SqlTopicStore } from '../store/sql-topic-store.js';
export { StoreModule } from '../store/store.module.js';
export { Store } from '../store/store.js';
export type { AfterCommit, Appendable, Appended, Transaction } from '../store/transaction.js';
export { Queues1763700000002 } from '../../../migrations/1763700000002-queues.js';
export { KeptAnswers1763700000003 } from '../../../migrations/1763700000003-kept-answers.js';
export { KeptTopics1764300000000 } from '../../../migrations/1764300000000-kept-topics.js';
