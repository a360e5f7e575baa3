import type { Question } from './question.js';
import type { UserAndThread } from '../../common/context-identity.js';

const MAX_THREADS = 1_000;
/** Characters of a user message by which it is recognised. */
const PRINT_LENGTH = 200;

/**
 * The turns that stopped at a tool call, one for each thread: a human has to decide. When the next turn of the thread works on the
 * same user message, it goes on with that turn. Bounded: the thread that was silent for longest is forgotten first.
 */
export class ResumableTurns {
  readonly #byThread = new Map<string, { readonly question: string; readonly id: string }>();

  /** Takes a turn that is over, in the order in which they end. Returns the id of the turn that it goes on with, if any. */
  settle(
    { userId, threadId }: UserAndThread,
    question: Question | undefined,
    id: string,
    isOver: boolean,
  ): string | undefined {
    if (threadId === undefined || !question) return undefined;
    const thread = JSON.stringify([userId, threadId]);
    const print = `${question.count}:${question.text.length}:${question.text.slice(0, PRINT_LENGTH)}`;
    const before = this.#byThread.get(thread);
    this.#byThread.delete(thread);
    if (!isOver) this.#byThread.set(thread, { question: print, id });
    const [oldest] = this.#byThread.keys();
    if (this.#byThread.size > MAX_THREADS && oldest !== undefined) this.#byThread.delete(oldest);
    return before?.question === print ? before.id : undefined;
  }
}
