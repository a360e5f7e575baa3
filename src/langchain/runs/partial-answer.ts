/** What the first chunk of a stream counted. LangChain adds up what all chunks count. */
export interface UsageAtStart {
  /** Output tokens that the last chunk counts again. */
  readonly output: number | undefined;
  readonly cacheRead: number | undefined;
  readonly cacheCreation: number | undefined;
}

/** More text than any model answers at once: a stream that never ends must not fill the memory. */
const MAX_LENGTH = 1_000_000;

/** Collects a streamed answer, for the case that LangChain never tells its end. */
export class PartialAnswer {
  /** On the clock of `performance.now()`. */
  firstChunkAt: number | undefined;
  chunks = 0;
  /** Whether it came as events, not as tokens. */
  byEvents = false;
  /** What the first chunk counted. */
  usageAtStart: UsageAtStart | undefined;
  #pieces: string[] = [];
  #length = 0;
  #readFirst: boolean | undefined;
  #chunksAtRead = 0;
  #lastRead = '';

  add(text: string): void {
    this.firstChunkAt ??= performance.now();
    this.chunks += 1;
    if (text === '' || this.#length >= MAX_LENGTH) return;
    this.#pieces.push(text);
    this.#length += text.length;
  }

  /** A chunk has reached its reader. */
  noteRead(text: string): void {
    this.#readFirst ??= this.chunks === 0;
    this.#chunksAtRead = this.chunks;
    this.#lastRead = text;
  }

  /** Most models hand a chunk to its reader first and report it when they are asked for the next: the last one is not reported. */
  addUnreported(): void {
    if (this.#readFirst === true && this.chunks === this.#chunksAtRead) this.add(this.#lastRead);
  }

  get text(): string {
    return this.#pieces.join('');
  }
}
