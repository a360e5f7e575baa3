import type { UserAndThread } from '../../common/context-identity.js';
import { asText } from '../../common/unknown-values.js';
import { ANONYMOUS } from '../../records/model/prompt-record.js';
import type { NewRecord, StoredRecord } from '../model/stored-record.js';

/** Facts of spans about a record that was made without them. */
export interface LateFact extends UserAndThread {
  readonly isOptedOut: boolean;
  /** User and thread that the record got from a span farther away, before nearer ones came. They are replaced. */
  readonly earlier?: UserAndThread | undefined;
  /** Record of the call that this one is part of. One of them goes: this one, or the whole if it has several parts. */
  readonly whole?: string;
  /** Records that were made of agents before it was known that there is a call below them. */
  readonly agents?: readonly string[];
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
export function withLateFacts(record: NewRecord, facts: LateFact | undefined): NewRecord {
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

/** Returns the ids of the records to remove, so that each call is recorded once. */
export function supersededBy(
  facts: readonly { readonly record: StoredRecord; readonly facts: LateFact | undefined }[],
): readonly string[] {
  const parts = new Map<string, string[]>();
  for (const { record, facts: { whole } = {} } of facts)
    if (whole !== undefined) parts.set(whole, [...(parts.get(whole) ?? []), record.id]);
  const ids = [...parts].flatMap(([whole, [part, ...others]]) =>
    part === undefined || others.length > 0 ? [whole] : [part],
  );
  return [...new Set([...ids, ...facts.flatMap(({ facts: { agents = [] } = {} }) => agents)])];
}
