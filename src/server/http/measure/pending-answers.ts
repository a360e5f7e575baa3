/** Gives all who ask the same at the same time one answer: for routes whose answer takes many queries. A failed one is not kept. */
export class PendingAnswers<Answer> {
  readonly #pending = new Map<string, Promise<Answer>>();

  /** @param key what is asked, such as the query of the URL */
  read(key: string, makeAnswer: () => Promise<Answer>): Promise<Answer> {
    const pending = this.#pending.get(key);
    if (pending) return pending;
    const answer = makeAnswer().finally(() => {
      // After `clear()`, a later answer may have taken its place.
      if (this.#pending.get(key) === answer) this.#pending.delete(key);
    });
    this.#pending.set(key, answer);
    return answer;
  }

  /** From now on, who asks gets a new answer: those that are pending may hold what was erased. */
  clear(): void {
    this.#pending.clear();
  }
}
