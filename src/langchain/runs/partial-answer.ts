/** Token counts of the first chunk of a stream. LangChain adds up the counts of all chunks. */
export interface FirstChunkUsage {
  /** Output tokens that the last chunk counts again. */
  readonly output: number | undefined;
  readonly cacheRead: number | undefined;
  readonly cacheCreation: number | undefined;
}

/** Characters kept of one answer. It bounds the memory that an endless stream can take, and exceeds the answers of all models. */
const MAX_LENGTH = 1_000_000;

/** Collects a streamed answer, in case LangChain never reports its end. */
export class PartialAnswer {
  /** On the clock of `performance.now()`. */
  firstChunkAt: number | undefined;
  chunkCount = 0;
  /** True if the answer was reported by events instead of tokens. */
  fromEvents = false;
  firstChunkUsage: FirstChunkUsage | undefined;
  #pieces: string[] = [];
  #length = 0;
  #isReadBeforeReport: boolean | undefined;
  #chunkCountAtRead = 0;
  #lastReadText = '';

  add(text: string): void {
    this.firstChunkAt ??= performance.now();
    this.chunkCount += 1;
    if (text === '' || this.#length >= MAX_LENGTH) return;
    this.#pieces.push(text);
    this.#length += text.length;
  }

  /** Records that the reader of the stream got a chunk. */
  markRead(text: string): void {
    this.#isReadBeforeReport ??= this.chunkCount === 0;
    this.#chunkCountAtRead = this.chunkCount;
    this.#lastReadText = text;
  }

  /**
   * Adds the last chunk that was read, if it was not reported. Most models yield a chunk first, and report it when the reader asks
   * for the next one.
   */
  addUnreportedChunk(): void {
    if (this.#isReadBeforeReport === true && this.chunkCount === this.#chunkCountAtRead)
      this.add(this.#lastReadText);
  }

  get text(): string {
    return this.#pieces.join('');
  }
}
