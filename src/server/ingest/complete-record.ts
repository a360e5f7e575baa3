import type { UserAndThread } from '../../common/context-identity.js';
import { asText } from '../../common/unknown-values.js';
import { ANONYMOUS } from '../../records/model/prompt-record.js';
import type { NewRecord, StoredRecord } from '../model/stored-record.js';

/** What spans say about a record that was made without them. */
export interface LateFact extends UserAndThread {
  readonly isOptedOut: boolean;
  /** User and thread that the record got from a span farther away, before nearer ones came. They are replaced. */
  readonly earlier?: UserAndThread | undefined;
}

/** Returns a record with a user and a thread that are known otherwise, if it has none itself. */
export function completed(record: NewRecord, other: UserAndThread | undefined): NewRecord {
  if (other === undefined) return record;
  return {
    ...record,
    ...(record.userId === ANONYMOUS && other.userId !== undefined && { userId: other.userId }),
    ...(record.threadId === undefined && other.threadId !== undefined && { threadId: other.threadId }),
  };
}

/** Returns a record with the user and the thread of late facts, if it has none itself, or those of spans farther away. */
export function withFacts(record: NewRecord, facts: LateFact | undefined): NewRecord {
  if (!facts) return record;
  const { userId, threadId, earlier = {} } = facts;
  const isFartherUser = userId !== undefined && earlier.userId === record.userId;
  const isFartherThread = threadId !== undefined && earlier.threadId === record.threadId;
  return {
    ...completed(record, facts),
    ...(isFartherUser && { userId }),
    ...(isFartherThread && { threadId }),
  };
}

export function isIncomplete({ userId, threadId }: NewRecord | StoredRecord): boolean {
  return userId === ANONYMOUS || threadId === undefined;
}

/** Returns the id of the record that an event gives feedback on. */
export function ownerIdOf({ kind, properties }: NewRecord | StoredRecord): string | undefined {
  return kind === 'event' ? asText(properties['record_id']) : undefined;
}
