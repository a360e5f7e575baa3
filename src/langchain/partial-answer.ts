/** More text than any model answers at once: a stream that never ends must not fill the memory. */
const MAX_LENGTH = 1_000_000;

/** Collects a streamed answer, for the case that LangChain never tells its end. */
export class PartialAnswer {
  /** On the clock of `performance.now()`. */
  firstChunkAt: number | undefined;
  chunks = 0;
  /** Whether it came as events, not as tokens. */
  byEvents = false;
  /** Output tokens that the first chunk counted. */
  outputTokensAtStart: number | undefined;
  #pieces: string[] = [];
  #length = 0;

  add(text: string): void {
    this.firstChunkAt ??= performance.now();
    this.chunks += 1;
    if (text === '' || this.#length >= MAX_LENGTH) return;
    this.#pieces.push(text);
    this.#length += text.length;
  }

  get text(): string {
    return this.#pieces.join('');
  }
}
