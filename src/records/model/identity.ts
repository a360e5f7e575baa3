import type { UserAndThread } from '../../reading/model/llm-call.js';

/** Where a user and a thread may come from, for one call. */
export interface IdentitySources {
  /** What the function or value in the options says. Wins over everything. */
  readonly explicit: UserAndThread;
  /** The span's own attributes. */
  readonly own: UserAndThread;
  /** The spans above it in the same process, nearest first. */
  readonly ancestors: readonly UserAndThread[];
  /** `withTrubrics()`, as it was when the span started. */
  readonly ambient: UserAndThread;
  readonly defaultUserId: string | undefined;
}

/** Who asked. `anonymous` is true when nobody said. */
export interface ResolvedIdentity extends UserAndThread {
  readonly userId: string;
  readonly anonymous: boolean;
}

export const ANONYMOUS = 'anonymous';

/** First hit wins, for user and thread separately. A thread is never invented. */
export function resolveIdentity({
  explicit,
  own,
  ancestors,
  ambient,
  defaultUserId,
}: IdentitySources): ResolvedIdentity {
  const sources = [explicit, own, ...ancestors, ambient];
  const userId = sources.find((source) => source.userId)?.userId;
  const threadId = sources.find((source) => source.threadId)?.threadId;
  return {
    userId: userId ?? (defaultUserId || ANONYMOUS),
    anonymous: userId === undefined && !defaultUserId,
    ...(threadId !== undefined && { threadId }),
  };
}
