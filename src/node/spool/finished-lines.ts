import { rm } from 'node:fs/promises';
import { readNumber, writeNumber } from './safe-files.js';

/**
 * Counts the finished lines of one file, and writes the count to a file beside it (`<path>.done`), so that after a crash few lines
 * are sent again. The file is not synced: losing it repeats lines, and loses none.
 */
export class FinishedLines {
  readonly #path: string;
  /** All lines before this index are finished. */
  #upTo = 0;
  /** Finished lines behind it. */
  readonly #beyond = new Set<number>();
  #written = 0;
  #writing: Promise<void> | undefined;
  #isStopped = false;

  /** `path` is the file with the lines. */
  constructor(path: string) {
    this.#path = markPath(path);
  }

  /** Lines at the beginning of the file that are all finished. */
  get count(): number {
    return this.#upTo;
  }

  /** Takes over the count that another process wrote. */
  resume(lines: number): void {
    this.#upTo = lines;
    this.#written = lines;
  }

  finish(index: number): void {
    this.#beyond.add(index);
    while (this.#beyond.delete(this.#upTo)) this.#upTo++;
  }

  /** Begins to write the count. One write covers all lines that are finished in this tick. */
  write(): void {
    this.#writing ??= this.#writeChanges();
  }

  /** Resolves when the count is written. */
  async written(): Promise<void> {
    await this.#writing;
  }

  /** Stops writing. Resolves when nothing is being written any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#writing;
  }

  /** Removes the file with the count. Call {@link stop} first. */
  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }

  async #writeChanges(): Promise<void> {
    await Promise.resolve();
    while (this.#written !== this.#upTo && !this.#isStopped) {
      this.#written = this.#upTo;
      await writeNumber(this.#path, this.#written).catch(() => {});
    }
    this.#writing = undefined;
  }
}

/** Returns the number of finished lines that was written for a file; 0 if there is none. */
export async function readFinishedLines(path: string): Promise<number> {
  return readNumber(markPath(path));
}

function markPath(path: string): string {
  return `${path}.done`;
}
