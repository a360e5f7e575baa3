import { join } from 'node:path';
import type { EntryKind } from '../../destinations/destination.js';
import type { SpoolItem, SpoolLoss, TakenItem } from '../../delivery/model/spool.js';
import { toLine } from './line.js';
import { Segment } from './segment.js';
import { SegmentWriter } from './segment-writer.js';

/** Largest size at which a new file is begun. */
export const SEGMENT_BYTES = 1_000_000;
const SEGMENT_ITEMS = 1_000;
/** Written entries that stay in memory, so that they need not be read back. */
const KEPT_BYTES = 1_000_000;

export type LossListener = (kind: EntryKind, count: number, reason: SpoolLoss, sequence: number) => void;

/** Queue of the entries of one kind, in files. Writes to the last file, and takes from the first. */
export class SegmentQueue {
  readonly #kind: EntryKind;
  readonly #directory: () => string;
  readonly #onLost: LossListener;
  readonly #segmentBytes: number;
  readonly #segments: Segment[] = [];
  #writer: { readonly segment: Segment; readonly file: SegmentWriter } | undefined;
  readonly #removals = new Set<Promise<void>>();
  #number = 0;

  /** A new file is begun when the last one has `segmentBytes`. */
  constructor(kind: EntryKind, directory: () => string, onLost: LossListener, segmentBytes = SEGMENT_BYTES) {
    this.#kind = kind;
    this.#directory = directory;
    this.#onLost = onLost;
    this.#segmentBytes = segmentBytes;
  }

  get waiting(): number {
    return this.#segments.reduce((sum, { waiting }) => sum + waiting, 0);
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Bytes of the files in one directory. */
  bytesIn(directory: string): number {
    const isThere = ({ path }: Segment): boolean => path.startsWith(join(directory, '/'));
    return this.#segments.filter(isThere).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Resolves when files that are not needed any more are gone. */
  async removed(): Promise<void> {
    await Promise.all(this.#removals);
  }

  /** The first file to give up when the spool is full: none of its entries was taken. */
  get oldestIdle(): Segment | undefined {
    return this.#segments.find(({ isSealed, taken }) => isSealed && taken === 0);
  }

  async append(items: readonly SpoolItem[], lines: readonly Buffer[]): Promise<void> {
    const { segment, file } = await this.#openWriter();
    try {
      await file.append(Buffer.concat(lines));
    } catch (error) {
      await this.#seal();
      throw error;
    }
    const isFirst = this.#segments.every((other) => other === segment || other.waiting === 0);
    const lineBytes = lines.map(({ byteLength }) => byteLength);
    segment.onWritten(items, lineBytes, isFirst ? KEPT_BYTES : 0);
    if (!this.#segments.includes(segment)) this.#segments.push(segment);
  }

  /** Puts the files of another process to the front, because they are older. */
  claim(segments: readonly Segment[]): void {
    this.#segments.unshift(...segments);
  }

  async take(maxItems: number, maxBytes: number): Promise<TakenItem[]> {
    const items: TakenItem[] = [];
    let bytes = 0;
    for (const segment of this.#segments.slice()) {
      while (segment.waiting > 0 && items.length < maxItems && (items.length === 0 || bytes < maxBytes)) {
        const taken = await this.#takeFrom(segment, maxItems - items.length, Math.max(maxBytes - bytes, 1));
        bytes += taken.reduce((sum, item) => sum + item.bytes, 0);
        items.push(...taken);
      }
      if (items.length >= maxItems || bytes >= maxBytes) break;
    }
    return items;
  }

  finish(segment: Segment, index: number): void {
    segment.finish(index);
    if (segment.isFinished && segment.isSealed) this.#remove(segment);
    else segment.writeProgress();
  }

  /** Gives up the waiting entries of a file. */
  lose(segment: Segment, reason: SpoolLoss): void {
    const count = segment.abandon();
    if (count > 0) this.#onLost(this.#kind, count, reason, segment.lastSequence);
    if (segment.isFinished && segment.isSealed) this.#remove(segment);
  }

  /** Erases entries of this process. Those that were not taken are lost. */
  async erase(sequences: ReadonlySet<number>): Promise<void> {
    for (const segment of this.#segments.slice()) {
      if (segment.isClaimed) continue;
      const lost = await segment.erase(sequences).catch(() => []);
      for (const sequence of lost) this.#onLost(this.#kind, 1, 'opted_out', sequence);
      if (segment.isFinished && segment.isSealed) this.#remove(segment);
    }
  }

  /** Gives up files whose youngest entry was accepted before that time. */
  expire(oldestAllowedMs: number): void {
    for (const segment of this.#segments.slice()) {
      if (segment.waiting > 0 && segment.lastAcceptedAtMs < oldestAllowedMs)
        this.lose(segment, 'spool_expired');
    }
  }

  /** Stops writing. Returns true if unfinished entries are left. */
  async close(): Promise<boolean> {
    await this.#seal();
    await Promise.all(this.#removals);
    await Promise.all(this.#segments.map((segment) => segment.progressWritten()));
    return this.#segments.length > 0;
  }

  /** Gives up the entries of a directory that another process has claimed: that process sends them. */
  loseDirectory(directory: string): void {
    for (const segment of this.#segments.slice()) {
      if (segment.path.startsWith(join(directory, '/'))) this.lose(segment, 'spool_lost');
    }
  }

  async #takeFrom(segment: Segment, maxItems: number, maxBytes: number): Promise<TakenItem[]> {
    try {
      const { items, damaged, erased } = await segment.take(maxItems, maxBytes);
      if (damaged > 0) this.#onLost(this.#kind, damaged, 'spool_lost', segment.lastSequence);
      if (erased > 0) this.#onLost(this.#kind, erased, 'opted_out', segment.lastSequence);
      if (segment.isFinished && segment.isSealed) this.#remove(segment);
      return items;
    } catch {
      this.lose(segment, 'spool_lost');
      return [];
    }
  }

  async #openWriter(): Promise<{ readonly segment: Segment; readonly file: SegmentWriter }> {
    const current = this.#writer?.segment;
    if (current && (current.bytes >= this.#segmentBytes || current.count >= SEGMENT_ITEMS))
      await this.#seal();
    if (!this.#writer) {
      const path = join(this.#directory(), `${this.#kind}-${String(++this.#number).padStart(8, '0')}.jsonl`);
      this.#writer = { segment: new Segment(this.#kind, path), file: new SegmentWriter(path) };
    }
    return this.#writer;
  }

  async #seal(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    if (!writer) return;
    writer.segment.isSealed = true;
    await writer.file.close();
    if (writer.segment.isFinished) this.#remove(writer.segment);
  }

  #remove(segment: Segment): void {
    const index = this.#segments.indexOf(segment);
    if (index !== -1) this.#segments.splice(index, 1);
    const removal: Promise<void> = segment
      .remove()
      .catch(() => {})
      .finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }
}

/** Returns the lines of items as they are written to the file. */
export function toLines(items: readonly SpoolItem[]): Buffer[] {
  return items.map((item) => Buffer.from(toLine(item)));
}
