import type { StoredRecord } from '../../server/index.js';
import { recordLine } from './record-line.js';

/** Limit of lines, because nobody can read more, and writing to a terminal delays the responses to senders. */
const LINES_PER_SECOND = 20;

/** Prints arriving records, one line each. Records above the limit are counted instead. */
export class Tail {
  readonly #write: (line: string) => void;
  readonly #columns: () => number;
  #printed = 0;
  #skipped = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(write: (line: string) => void, columns: () => number) {
    this.#write = write;
    this.#columns = columns;
  }

  print(records: readonly StoredRecord[]): void {
    const linesLeft = Math.max(0, LINES_PER_SECOND - this.#printed);
    for (const record of records.slice(0, linesLeft)) this.#write(recordLine(record, this.#columns(), true));
    this.#printed += Math.min(linesLeft, records.length);
    this.#skipped += Math.max(0, records.length - linesLeft);
    if (this.#timer) return;
    this.#timer = setTimeout(() => this.#startNextSecond(), 1000).unref();
  }

  #startNextSecond(): void {
    if (this.#skipped > 0) this.#write(`… and ${this.#skipped} more`);
    this.#timer = undefined;
    this.#printed = 0;
    this.#skipped = 0;
  }
}
