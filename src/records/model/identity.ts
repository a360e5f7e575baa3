import { firstUserAndThread, type UserAndThread } from '../../common/context-identity.js';

/** Where a user and a thread may come from, for one call. */
export interface IdentitySources {
  /** What the function or value in the options says. Wins over everything. */
  readonly explicit: UserAndThread;
  /** The span's own attributes. */
  readonly own: UserAndThread;
  /** The spans above it in the same process, nearest first. */
  readonly ancestors: readonly UserAndThread[];
  /** `withTrubrics()`, as it was when the span started. */
  readonly contextIdentity: UserAndThread;
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
  contextIdentity,
  defaultUserId,
}: IdentitySources): ResolvedIdentity {
  const sources = [explicit, own, ...ancestors, contextIdentity];
  const { userId, threadId } = firstUserAndThread(sources);
  return {
    userId: userId ?? (defaultUserId || ANONYMOUS),
    anonymous: userId === undefined && !defaultUserId,
    ...(threadId !== undefined && { threadId }),
  };
}
