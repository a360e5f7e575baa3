import { codeOf } from '../../common/unknown-values.js';
import { rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { EntryKind } from '../../destinations/destination.js';
import type { DeliveryRuntime } from '../../delivery/runtime/runtime.js';
import { forEachKind } from '../../delivery/model/queued-entry.js';
import type { DropReason } from '../../delivery/model/settlement.js';
import type {
  SpoolEvents,
  SpoolItem,
  SpoolStore,
  SpoolHandle,
  TakenItem,
} from '../../delivery/model/spool.js';
import { DeadLetters } from './dead-letters.js';
import type { StorePlace } from './directory-name.js';
import { LeftoverNotice } from './leftover-notice.js';
import { claim, OrphanWatch, readOrphan, removeIfEmpty, touchDirectory } from './orphans.js';
import { disown, newFreeName, newOwnName } from './owner.js';
import { ItemHandle } from './segment.js';
import { SharedQuota } from './shared-quota.js';
import { SEGMENT_BYTES, SegmentQueue, toLines } from './segment-queue.js';

/** Interval at which the store touches its directories, looks for orphans, and drops expired entries. */
const MAINTENANCE_MS = 15_000;
/** Entries are given up file by file, so a small spool has smaller files. */
const SEGMENTS_OF_SPOOL = 8;
/** Part of the spool for each of the two files of dead letters. */
const DEAD_LETTERS_OF_SPOOL = 20;
/** Bytes that one call of {@link FileStore.claimOrphans} claims at most, and a file more. */
const CLAIM_BYTES = 4_000_000;

export interface FileStoreSettings {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  readonly claimWithinMs: number;
}

/** Spool of one destination: a directory for each process that writes, and the dead letters of all of them. */
export class FileStore implements SpoolStore {
  readonly maxAgeMs: number;
  readonly #root: string;
  readonly #events: SpoolEvents;
  readonly #runtime: DeliveryRuntime;
  readonly #queues: Readonly<Record<EntryKind, SegmentQueue>>;
  /** Orphans of this destination, then those of other accounts in `claimFrom`. */
  readonly #watches: readonly OrphanWatch[];
  readonly #leftovers: LeftoverNotice;
  readonly #deadLetters: DeadLetters;
  readonly #quota: SharedQuota;
  readonly #onClosed: () => void;
  #directory: string;
  #claimed: string[] = [];
  #maintenance: Promise<void> | undefined;
  /** The last claim. One at a time. */
  #claiming: Promise<unknown> = Promise.resolve();
  #timer: unknown;
  #isClosed = false;

  constructor(
    { dir, name, claimFrom }: StorePlace,
    settings: FileStoreSettings,
    events: SpoolEvents,
    runtime: DeliveryRuntime,
    onClosed: () => void,
  ) {
    const root = join(dir, name);
    this.#root = root;
    this.maxAgeMs = settings.maxAgeMs;
    this.#events = events;
    this.#runtime = runtime;
    this.#onClosed = onClosed;
    this.#directory = join(root, newOwnName());
    const queue = (kind: EntryKind) =>
      new SegmentQueue(
        kind,
        () => this.#directory,
        (...loss) => events.lost(...loss),
        Math.min(Math.floor(settings.maxBytes / SEGMENTS_OF_SPOOL), SEGMENT_BYTES),
      );
    this.#queues = forEachKind(queue);
    const roots = [root, ...claimFrom.map((other) => join(dir, other))];
    this.#watches = roots.map((watched) => new OrphanWatch(watched, () => runtime.now()));
    this.#leftovers = new LeftoverNotice({ dir, name, claimFrom });
    const deadLetterBytes = Math.floor(settings.maxBytes / DEAD_LETTERS_OF_SPOOL);
    this.#deadLetters = new DeadLetters(join(root, 'dead-letter.jsonl'), deadLetterBytes);
    this.#quota = new SharedQuota(root, settings.maxBytes);
    // A random first delay, so that processes started together do not scan the spool, and send what they find, at once.
    this.#scheduleMaintenance(runtime.random() * settings.claimWithinMs);
  }

  get bytes(): number {
    return this.#queues.prompt.bytes + this.#queues.event.bytes;
  }

  async append(kind: EntryKind, items: readonly SpoolItem[]): Promise<void> {
    const lines = toLines(items);
    await this.#makeRoom(lines.reduce((sum, { byteLength }) => sum + byteLength, 0));
    try {
      await this.#queues[kind].append(items, lines);
    } catch (error) {
      if (!isGone(error)) throw error;
      // Another process claimed the directory as an orphan, or it was deleted: begins a new one.
      this.#loseDirectory();
      await this.#queues[kind].append(items, lines);
    }
  }

  waiting(kind: EntryKind): number {
    return this.#queues[kind].waiting;
  }

  take(kind: EntryKind, maxItems: number, maxBytes: number): Promise<readonly TakenItem[]> {
    return this.#queues[kind].take(maxItems, maxBytes);
  }

  finish(handle: SpoolHandle): void {
    if (handle instanceof ItemHandle) this.#queues[handle.segment.kind].finish(handle.segment, handle.index);
  }

  async erase(sequences: ReadonlySet<number>): Promise<void> {
    for (const queue of Object.values(this.#queues)) await queue.erase(sequences);
  }

  deadLetter(kind: EntryKind, json: string, reason: DropReason, error: string | undefined): void {
    this.#deadLetters.add(kind, json, reason, error);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#runtime.clearTimer(this.#timer);
    await Promise.all([this.#maintenance, this.#claiming]);
    const left = await Promise.all([this.#queues.prompt.close(), this.#queues.event.close()]);
    await this.#deadLetters.written();
    await this.#quota.close();
    for (const directory of [this.#directory, ...this.#claimed]) {
      await removeIfEmpty(directory);
      // Renamed, it is an orphan at once, although this process still runs.
      if (left.includes(true)) await rename(directory, join(this.#root, newFreeName())).catch(() => {});
      disown(basename(directory));
    }
    this.#onClosed();
  }

  /**
   * Reserves room for a write. If there is none, gives up the oldest files: those of ended processes, which are claimed for that, and own
   * ones. Files of running processes are not touched.
   */
  async #makeRoom(bytes: number): Promise<void> {
    while (!(await this.#quota.reserve(this.#directory, this.#ownBytes + bytes))) {
      await this.#claimNext(1);
      if (!(await this.#giveUpOldest())) {
        await this.#quota.release(this.#ownBytes);
        throw Object.assign(new Error('the spool is full'), { code: 'SPOOL_FULL' });
      }
    }
  }

  /** Bytes in the directory that this process writes to. */
  get #ownBytes(): number {
    return this.#queues.prompt.bytesIn(this.#directory) + this.#queues.event.bytesIn(this.#directory);
  }

  /** Returns false if there is no file of which nothing was taken. */
  async #giveUpOldest(): Promise<boolean> {
    const idle = [this.#queues.prompt.oldestIdle, this.#queues.event.oldestIdle].filter(
      (segment) => segment !== undefined,
    );
    const [oldest] = idle.sort((a, b) => a.lastAcceptedAtMs - b.lastAcceptedAtMs);
    if (!oldest) return false;
    this.#queues[oldest.kind].lose(oldest, 'spool_full');
    await this.#queues[oldest.kind].removed();
    return true;
  }

  #loseDirectory(): void {
    for (const queue of Object.values(this.#queues)) queue.loseDirectory(this.#directory);
    disown(basename(this.#directory));
    this.#directory = join(this.#root, newOwnName());
  }

  #scheduleMaintenance(delayMs: number): void {
    this.#timer = this.#runtime.setTimer(
      () => {
        this.#maintenance = this.#maintain().catch(() => {});
      },
      delayMs,
      false,
    );
  }

  async #maintain(): Promise<void> {
    await this.#touchDirectories();
    await this.#quota.release(this.#ownBytes);
    await this.#claimNext(Number.POSITIVE_INFINITY);
    if (this.#isClosed) return;
    while ((await this.#quota.isExceeded(this.#directory, this.#ownBytes)) && (await this.#giveUpOldest()));
    await this.#leftovers.look();
    const oldestAllowedMs = this.#runtime.now() - this.maxAgeMs;
    for (const queue of Object.values(this.#queues)) queue.expire(oldestAllowedMs);
    if (!this.#isClosed) this.#scheduleMaintenance(MAINTENANCE_MS);
  }

  async #touchDirectories(): Promise<void> {
    await touchDirectory(this.#directory);
    const remaining: string[] = [];
    for (const directory of this.#claimed) {
      await removeIfEmpty(directory);
      if (await touchDirectory(directory)) remaining.push(directory);
      else disown(basename(directory));
    }
    this.#claimed = remaining;
  }

  async claimOrphans(): Promise<boolean> {
    return (await this.#claimNext(CLAIM_BYTES)) > 0;
  }

  /** Claims orphans until they have `maxBytes`. Returns the number of entries. */
  #claimNext(maxBytes: number): Promise<number> {
    const next = this.#claiming.then(() => this.#claimSome(maxBytes)).catch(() => 0);
    this.#claiming = next;
    return next;
  }

  async #claimSome(maxBytes: number): Promise<number> {
    let count = 0;
    const bytesBefore = this.bytes;
    for (const watch of this.#watches) {
      for (const orphan of await watch.find()) {
        if (this.#isClosed || this.bytes - bytesBefore >= maxBytes) return count;
        count += await this.#claim(watch.root, orphan);
      }
    }
    return count;
  }

  /** Returns the number of entries that were claimed. */
  async #claim(from: string, orphan: string): Promise<number> {
    const name = await claim(from, orphan, this.#root);
    if (name === undefined) return 0;
    const directory = join(this.#root, name);
    const nowMs = this.#runtime.now();
    const segments = await readOrphan(directory, nowMs);
    this.#claimed.push(directory);
    if (segments.length === 0) {
      await removeIfEmpty(directory);
      return 0;
    }
    const count = segments.reduce((sum, { waiting }) => sum + waiting, 0);
    const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
    const sequence = this.#events.claimed(count, bytes, from === this.#root ? undefined : from);
    for (const segment of segments) segment.renumber(sequence, nowMs);
    for (const [kind, queue] of Object.entries(this.#queues)) {
      queue.claim(segments.filter((segment) => segment.kind === kind));
    }
    return count;
  }
}

function isGone(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ESTALE';
}
