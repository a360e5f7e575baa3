import { firstUserAndThread, type UserAndThread } from '../../common/context-identity.js';
import { ANONYMOUS } from '../model/prompt-record.js';

/** Sources of the user and the thread of one call, in order of precedence. */
export interface IdentitySources {
  /** Results of the functions in the options. */
  readonly explicit: UserAndThread;
  /** Attributes of the call's span. */
  readonly own: UserAndThread;
  /** Attributes of the enclosing spans of the same process, nearest first. */
  readonly ancestors: readonly UserAndThread[];
  /** `withTrubrics()` and baggage at the start of the span. */
  readonly contextIdentity: UserAndThread;
  readonly defaultUserId: string | undefined;
}

/** User and thread of a record. `anonymous` is true if no source and no default names a user. */
export interface ResolvedIdentity extends UserAndThread {
  readonly userId: string;
  readonly anonymous: boolean;
}

/** Takes user and thread, each for itself, from the first source that has one. A thread is never invented. */
export function resolveIdentity({
  explicit,
  own,
  ancestors,
  contextIdentity,
  defaultUserId,
}: IdentitySources): ResolvedIdentity {
  const { userId, threadId } = firstUserAndThread([explicit, own, ...ancestors, contextIdentity]);
  return {
    userId: userId ?? (defaultUserId || ANONYMOUS),
    anonymous: userId === undefined && !defaultUserId,
    ...(threadId !== undefined && { threadId }),
  };
}
