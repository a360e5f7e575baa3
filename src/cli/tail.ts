import type { StoredRecord } from '../server/index.js';
import { recordLine } from './record-line.js';

/** More lines than this in a second nobody can read, and writing them would hold up who sends. */
const LINES_PER_SECOND = 20;

/** Shows what arrives as one line each in a terminal; what comes too fast is counted. */
export class Tail {
  readonly #write: (line: string) => void;
  readonly #columns: () => number;
  #shown = 0;
  #skipped = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(write: (line: string) => void, columns: () => number) {
    this.#write = write;
    this.#columns = columns;
  }

  show(records: readonly StoredRecord[]): void {
    const room = Math.max(0, LINES_PER_SECOND - this.#shown);
    for (const record of records.slice(0, room)) this.#write(recordLine(record, this.#columns(), true));
    this.#shown += Math.min(room, records.length);
    this.#skipped += Math.max(0, records.length - room);
    if (this.#timer) return;
    this.#timer = setTimeout(() => this.#nextSecond(), 1000).unref();
  }

  #nextSecond(): void {
    if (this.#skipped > 0) this.#write(`… and ${this.#skipped} more`);
    this.#timer = undefined;
    this.#shown = 0;
    this.#skipped = 0;
  }
}
