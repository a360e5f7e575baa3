import { rm } from 'node:fs/promises';
import type { EntryKind } from '../../destinations/destination.js';
import type { SpoolItem, TakenItem } from '../../delivery/model/spool.js';
import { type FileSurvey, plausibleTime } from './file-survey.js';
import { eraseLines } from './erase-lines.js';
import { FinishedLines } from './finished-lines.js';
import { ReadAhead } from './read-ahead.js';

/** Identifies one item of a segment. */
export class ItemHandle {
  readonly segment: Segment;
  readonly index: number;

  constructor(segment: Segment, index: number) {
    this.segment = segment;
    this.index = index;
  }
}

export interface TakenLines {
  readonly items: TakenItem[];
  readonly damaged: number;
  readonly erased: number;
}

/**
 * One file of a spool. Its lines are written at the end, taken from the front, and finished in any order. When all are finished, the
 * queue removes the file.
 */
export class Segment {
  readonly kind: EntryKind;
  readonly path: string;
  /** Written lines. */
  count = 0;
  bytes = 0;
  /** Taken lines, from the front. */
  taken = 0;
  /** True if nothing more is written. */
  isSealed = false;
  /** Values of the entry that was written last. */
  lastAcceptedAtMs = 0;
  lastSequence = 0;

  readonly #ahead: ReadAhead;
  readonly #finished: FinishedLines;
  /** Lines that were erased before they were taken. */
  readonly #erased = new Set<number>();
  /** For a claimed file: the sequence of its entries in this process, and the time of the claim. */
  #claimed: { readonly sequence: number; readonly atMs: number } | undefined;

  constructor(kind: EntryKind, path: string) {
    this.kind = kind;
    this.path = path;
    this.#ahead = new ReadAhead(path);
    this.#finished = new FinishedLines(path);
  }

  get waiting(): number {
    return this.#untaken - this.#erased.size;
  }

  get isClaimed(): boolean {
    return this.#claimed !== undefined;
  }

  /** Lines behind the last taken one, erased ones too. */
  get #untaken(): number {
    return this.count - this.taken;
  }

  get isFinished(): boolean {
    return this.#finished.count === this.count;
  }

  /** Counts lines that were written to the end of the file. Keeps up to `keepBytes` of them in memory. */
  onWritten(items: readonly SpoolItem[], lineBytes: readonly number[], keepBytes: number): void {
    for (const [index, item] of items.entries()) {
      const bytes = lineBytes[index] ?? 0;
      const isNext = this.#ahead.count === this.#untaken + index;
      if (isNext && this.#ahead.bytes < keepBytes) this.#ahead.push(item, bytes);
      this.bytes += bytes;
      this.lastAcceptedAtMs = item.acceptedAtMs;
      this.lastSequence = item.sequence;
    }
    this.count += items.length;
  }

  /** Takes over a file that another process wrote. */
  claim({ size, lines, finished, lastAcceptedAtMs }: FileSurvey): void {
    this.bytes = size;
    this.count = lines;
    this.taken = finished.lines;
    this.#ahead.skipTo(finished.bytes);
    this.#finished.resume(finished.lines);
    this.lastAcceptedAtMs = lastAcceptedAtMs;
    this.isSealed = true;
  }

  /** Replaces the sequence that the other process gave the entries. They count as accepted at `atMs` at the latest. */
  renumber(sequence: number, atMs: number): void {
    this.#claimed = { sequence, atMs };
    this.lastSequence = sequence;
  }

  /**
   * Takes the next items, as many as fit. `damaged` counts lines that were skipped, `erased` those that another process erased; they are
   * finished.
   *
   * @throws the error of the file system if the file cannot be read.
   */
  async take(maxItems: number, maxBytes: number): Promise<TakenLines> {
    let damaged = 0;
    if (this.#ahead.count === 0 && this.#untaken > 0) {
      damaged = await this.#ahead.fill(this.#untaken);
      for (let left = damaged; left > 0; left--) this.finish(this.taken++);
    }
    const items: TakenItem[] = [];
    let erased = 0;
    for (const item of this.#ahead.take(maxItems, maxBytes)) {
      const index = this.taken++;
      if (this.#erased.delete(index)) continue;
      if (item) {
        items.push({ ...item, ...this.#claimedFields(item), handle: new ItemHandle(this, index) });
      } else {
        erased++;
        this.finish(index);
      }
    }
    return { items, damaged, erased };
  }

  /**
   * Writes over the entries with these sequences, and finishes those that were not taken. Returns the sequences of the latter. Only for
   * a file that this process wrote.
   *
   * @throws the error of the file system.
   */
  async erase(sequences: ReadonlySet<number>): Promise<number[]> {
    const lost: number[] = [];
    for (const { index, sequence } of await eraseLines(this.path, sequences)) {
      if (index < this.taken || this.#erased.has(index)) continue;
      this.#erased.add(index);
      this.finish(index);
      lost.push(sequence);
    }
    return lost;
  }

  #claimedFields({ acceptedAtMs }: SpoolItem): Partial<SpoolItem> {
    if (!this.#claimed) return {};
    const { sequence, atMs } = this.#claimed;
    return { sequence, acceptedAtMs: plausibleTime(acceptedAtMs, atMs) };
  }

  finish(index: number): void {
    this.#finished.finish(index);
  }

  /** Counts all waiting lines as taken and finished. Returns their number. */
  abandon(): number {
    const left = this.waiting;
    for (let index = this.taken; index < this.count; index++)
      if (!this.#erased.has(index)) this.finish(index);
    this.#erased.clear();
    this.taken = this.count;
    this.#ahead.clear();
    return left;
  }

  /** Begins to write how many lines are finished. */
  writeProgress(): void {
    this.#finished.write();
  }

  /** Resolves when {@link writeProgress} has written. */
  async progressWritten(): Promise<void> {
    await this.#finished.written();
  }

  async remove(): Promise<void> {
    await this.#finished.stop();
    // The lines first: a crash in between must not leave them without their count, or all would be sent again.
    await rm(this.path, { force: true });
    await this.#finished.remove();
  }
}
