import { RecentMap } from '../../common/collections/recent-map.js';
import type { Question } from './question.js';
import type { UserAndThread } from '../../common/context-identity.js';

const MAX_THREADS = 1_000;
/** Characters of a question that are kept to recognise it. */
const KEPT_LENGTH = 200;

/**
 * Links a turn to the turn that it resumes. A turn that stops at a tool call, for instance for the approval of a person, is kept for
 * its thread; if the next turn of the thread works on the same question, it resumes that turn.
 *
 * Above {@link MAX_THREADS}, the thread without a turn for the longest time is forgotten.
 */
export class ResumableTurns {
  readonly #byThread = new RecentMap<string, { readonly question: string; readonly id: string }>(MAX_THREADS);

  /** Call for each turn, in the order in which turns end. Returns the id of the turn that it resumes. */
  settle(
    { userId, threadId }: UserAndThread,
    question: Question | undefined,
    id: string,
    isOver: boolean,
  ): string | undefined {
    if (threadId === undefined || !question) return undefined;
    const thread = JSON.stringify([userId, threadId]);
    const fingerprint = `${question.count}:${question.text.length}:${question.text.slice(0, KEPT_LENGTH)}`;
    const before = this.#byThread.get(thread);
    this.#byThread.delete(thread);
    if (!isOver) this.#byThread.set(thread, { question: fingerprint, id });
    return before?.question === fingerprint ? before.id : undefined;
  }
}
