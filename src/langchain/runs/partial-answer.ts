import { asRecord, isRecord } from '../../common/unknown-values.js';
import { StreamUsage } from './stream-usage.js';

/** Characters kept of one answer. It bounds the memory that an endless stream can take, and exceeds the answers of all models. */
const MAX_LENGTH = 1_000_000;

/** Collects a streamed answer, in case LangChain never reports its end. */
export class PartialAnswer {
  /** On the clock of `performance.now()`. */
  firstChunkAt: number | undefined;
  chunkCount = 0;
  /** True if the answer was reported by events instead of tokens. */
  fromEvents = false;
  /** Undefined if no chunk had token counts. */
  usage: StreamUsage | undefined;
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

  /** Adds the token counts of a chunk, before the chunk itself is added. */
  addUsage(chunk: unknown): void {
    const message = asRecord(asRecord(chunk)['message']);
    const { usage_metadata: usage } = message;
    if (!isRecord(usage)) return;
    this.usage ??= new StreamUsage();
    this.usage.add(message, usage, this.chunkCount === 0);
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

  /** True while no text has arrived. */
  get isEmpty(): boolean {
    return this.#length === 0;
  }

  get text(): string {
    return this.#pieces.join('');
  }
}
