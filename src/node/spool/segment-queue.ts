import { join } from 'node:path';
import type { EntryKind } from '../../destinations/destination.js';
import type { SpoolItem, SpoolLoss, TakenItem } from '../../delivery/model/spool.js';
import { toLine } from './line.js';
import { Segment } from './segment.js';
import { SegmentWriter } from './segment-writer.js';

const SEGMENT_BYTES = 1_000_000;
const SEGMENT_ITEMS = 1_000;
/** So much of what was just written stays in memory, to be taken without reading it back. */
const KEPT_BYTES = 1_000_000;

export type LossListener = (kind: EntryKind, count: number, reason: SpoolLoss, sequence: number) => void;

/** The entries of one kind: a row of files, written at the end, taken from the front. */
export class SegmentQueue {
  readonly #kind: EntryKind;
  readonly #directory: () => string;
  readonly #onLost: LossListener;
  readonly #segments: Segment[] = [];
  #writer: { readonly segment: Segment; readonly file: SegmentWriter } | undefined;
  readonly #removals = new Set<Promise<void>>();
  #number = 0;

  constructor(kind: EntryKind, directory: () => string, onLost: LossListener) {
    this.#kind = kind;
    this.#directory = directory;
    this.#onLost = onLost;
  }

  get waiting(): number {
    return this.#segments.reduce((sum, { waiting }) => sum + waiting, 0);
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The file that could go first when there are too many: none of its entries is in memory. */
  get oldestIdle(): Segment | undefined {
    return this.#segments.find(({ isSealed, waiting, count }) => isSealed && waiting === count);
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
    segment.wrote(items, lineBytes, isFirst ? KEPT_BYTES : 0);
    if (!this.#segments.includes(segment)) this.#segments.push(segment);
  }

  /** Puts the files of another process in front. They are older. */
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
    else segment.note();
  }

  /** Gives up what waits in a file. */
  lose(segment: Segment, reason: SpoolLoss): void {
    const count = segment.abandon();
    if (count > 0) this.#onLost(this.#kind, count, reason, segment.lastSequence);
    if (segment.isFinished && segment.isSealed) this.#remove(segment);
  }

  /** Gives up files whose youngest entry is older than that. */
  expire(oldestAllowedMs: number): void {
    for (const segment of this.#segments.slice()) {
      if (segment.waiting > 0 && segment.lastAcceptedAtMs < oldestAllowedMs)
        this.lose(segment, 'spool_expired');
    }
  }

  /** Ends writing. Returns whether anything is left. */
  async close(): Promise<boolean> {
    await this.#seal();
    await Promise.all(this.#removals);
    await Promise.all(this.#segments.map((segment) => segment.noted()));
    return this.#segments.length > 0;
  }

  /** The directory is gone: what waits in it will be sent by whoever has it. */
  loseDirectory(directory: string): void {
    for (const segment of this.#segments.slice()) {
      if (segment.path.startsWith(join(directory, '/'))) this.lose(segment, 'spool_lost');
    }
  }

  async #takeFrom(segment: Segment, maxItems: number, maxBytes: number): Promise<TakenItem[]> {
    try {
      const { items, damaged } = await segment.take(maxItems, maxBytes);
      if (damaged > 0) this.#onLost(this.#kind, damaged, 'spool_lost', segment.lastSequence);
      if (segment.isFinished && segment.isSealed) this.#remove(segment);
      return items;
    } catch {
      this.lose(segment, 'spool_lost');
      return [];
    }
  }

  async #openWriter(): Promise<{ readonly segment: Segment; readonly file: SegmentWriter }> {
    const current = this.#writer?.segment;
    if (current && (current.bytes >= SEGMENT_BYTES || current.count >= SEGMENT_ITEMS)) await this.#seal();
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

/** The lines of items as they will stand in the file. */
export function toLines(items: readonly SpoolItem[]): Buffer[] {
  return items.map((item) => Buffer.from(toLine(item)));
}
