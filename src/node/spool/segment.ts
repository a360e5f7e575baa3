import { open, rm, writeFile } from 'node:fs/promises';
import type { EntryKind } from '../../destinations/destination.js';
import type { SpoolItem, TakenItem } from '../../delivery/model/spool.js';
import { type FileSurvey, notePath, plausible } from './file-survey.js';
import { fromLine } from './line.js';

/** What people write to a model is nobody else's business. */
export const FILE_MODE = 0o600;
const READ_CHUNK = 1_000_000;

/** Names one item of a segment. */
export class ItemTicket {
  readonly segment: Segment;
  readonly index: number;

  constructor(segment: Segment, index: number) {
    this.segment = segment;
    this.index = index;
  }
}

/**
 * One file of a spool: lines that were written, of which a first part has been taken, and some have been finished. When all are,
 * the file goes. How far the finishing has come is noted beside it, so that a crash repeats little.
 */
export class Segment {
  readonly kind: EntryKind;
  readonly path: string;
  /** Lines that were written. */
  count = 0;
  bytes = 0;
  taken = 0;
  isSealed = false;
  /** Of the entry that was written last. */
  lastAcceptedAtMs = 0;
  lastSequence = 0;

  /** Where the line of the next item to be taken begins. */
  #offset = 0;
  /** The next items to be taken, as far as they are in memory. */
  #ahead: { readonly item: SpoolItem; readonly lineBytes: number }[] = [];
  #aheadBytes = 0;
  /** All before this index are finished. */
  #finishedUpTo = 0;
  readonly #finishedBeyond = new Set<number>();
  #noted = 0;
  #noting: Promise<void> | undefined;
  #isRemoved = false;
  /** Of entries that another process numbered, by a clock of its own: the sequence and the time of the claim. */
  #claimed: { readonly sequence: number; readonly atMs: number } | undefined;

  constructor(kind: EntryKind, path: string) {
    this.kind = kind;
    this.path = path;
  }

  get waiting(): number {
    return this.count - this.taken;
  }

  get isFinished(): boolean {
    return this.#finishedUpTo === this.count;
  }

  /** Books in lines that have been written to the end of the file. */
  wrote(items: readonly SpoolItem[], lineBytes: readonly number[], keepBytes: number): void {
    for (const [index, item] of items.entries()) {
      const bytes = lineBytes[index] ?? 0;
      const isNext = this.#ahead.length === this.waiting + index;
      if (isNext && this.#aheadBytes < keepBytes) this.#lookAhead(item, bytes);
      this.bytes += bytes;
      this.lastAcceptedAtMs = item.acceptedAtMs;
      this.lastSequence = item.sequence;
    }
    this.count += items.length;
  }

  /** Books in a file that another process wrote. */
  claim({ size, lines, finished, lastAcceptedAtMs }: FileSurvey): void {
    this.bytes = size;
    this.count = lines;
    this.taken = finished.lines;
    this.#offset = finished.bytes;
    this.#finishedUpTo = finished.lines;
    this.#noted = finished.lines;
    this.lastAcceptedAtMs = lastAcceptedAtMs;
    this.isSealed = true;
  }

  /** The entries get this number instead of the one that the other process gave them, and count as accepted by this time at the latest. */
  renumber(sequence: number, atMs: number): void {
    this.#claimed = { sequence, atMs };
    this.lastSequence = sequence;
  }

  /**
   * The next items, as many as fit. `damaged` counts lines that were passed over; they are finished.
   *
   * @throws the error of the file system when the file cannot be read.
   */
  async take(maxItems: number, maxBytes: number): Promise<{ items: TakenItem[]; damaged: number }> {
    let damaged = 0;
    if (this.#ahead.length === 0 && this.waiting > 0) damaged = await this.#readAhead();
    const items: TakenItem[] = [];
    let bytes = 0;
    for (const { item } of this.#ahead) {
      if (items.length >= maxItems || (items.length > 0 && bytes + item.bytes > maxBytes)) break;
      bytes += item.bytes;
      items.push({
        ...item,
        ...(this.#claimed && {
          sequence: this.#claimed.sequence,
          acceptedAtMs: plausible(item.acceptedAtMs, this.#claimed.atMs),
        }),
        ticket: new ItemTicket(this, this.taken + items.length),
      });
    }
    for (const { item, lineBytes } of this.#ahead.splice(0, items.length)) {
      this.#offset += lineBytes;
      this.#aheadBytes -= item.bytes;
    }
    this.taken += items.length;
    return { items, damaged };
  }

  finish(index: number): void {
    this.#finishedBeyond.add(index);
    while (this.#finishedBeyond.delete(this.#finishedUpTo)) this.#finishedUpTo++;
  }

  /** What waits is not wanted any more: it counts as taken and finished. Returns how many they were. */
  abandon(): number {
    const left = this.waiting;
    for (let index = this.taken; index < this.count; index++) this.finish(index);
    this.taken = this.count;
    this.#ahead = [];
    return left;
  }

  /** Notes how far the finishing has come. Not synced: at worst a crash repeats more. */
  note(): void {
    this.#noting ??= this.#writeNotes();
  }

  async noted(): Promise<void> {
    await this.#noting;
  }

  async remove(): Promise<void> {
    this.#isRemoved = true;
    await this.#noting;
    await rm(this.path, { force: true });
    await rm(notePath(this.path), { force: true });
  }

  async #writeNotes(): Promise<void> {
    // All that is finished in this tick is noted at once.
    await Promise.resolve();
    while (this.#noted !== this.#finishedUpTo && !this.#isRemoved) {
      this.#noted = this.#finishedUpTo;
      await writeFile(notePath(this.path), String(this.#noted), { mode: FILE_MODE }).catch(() => {});
    }
    this.#noting = undefined;
  }

  #lookAhead(item: SpoolItem, lineBytes: number): void {
    this.#ahead.push({ item, lineBytes });
    this.#aheadBytes += item.bytes;
  }

  /** Reads on from the file. Returns how many damaged lines stood before the next good one. */
  async #readAhead(): Promise<number> {
    let damaged = 0;
    const { lines, lineBytes } = await readLines(this.path, this.#offset, this.waiting);
    for (const [index, line] of lines.entries()) {
      const item = fromLine(line);
      const bytes = lineBytes[index] ?? 0;
      if (item) {
        this.#lookAhead(item, bytes);
      } else if (this.#ahead.length === 0) {
        damaged++;
        this.#offset += bytes;
        this.finish(this.taken++);
      } else {
        // Met again, as the first, when the lines before it have been taken.
        break;
      }
    }
    if (lines.length === 0) throw new Error('the file is shorter than it was');
    return damaged;
  }
}

/** Whole lines from a place in a file on: about a megabyte, at least one line, at most `maxLines`. */
async function readLines(
  path: string,
  offset: number,
  maxLines: number,
): Promise<{ lines: string[]; lineBytes: number[] }> {
  const lines: string[] = [];
  const lineBytes: number[] = [];
  const file = await open(path, 'r');
  try {
    let rest = Buffer.alloc(0);
    for (let position = offset; lines.length === 0;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(READ_CHUNK), 0, READ_CHUNK, position);
      if (bytesRead === 0) break;
      position += bytesRead;
      rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      let start = 0;
      for (let end; lines.length < maxLines && (end = rest.indexOf(10, start)) !== -1; start = end + 1) {
        lines.push(rest.toString('utf8', start, end));
        lineBytes.push(end + 1 - start);
      }
    }
  } finally {
    await file.close();
  }
  return { lines, lineBytes };
}
