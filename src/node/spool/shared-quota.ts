import { type Dirent, type Stats } from 'node:fs';
import { lstat, mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { codeOf } from '../../common/unknown-values.js';
import { ownerState } from './owner.js';
import { makeDirectories, readNumber, writeNumber } from './safe-files.js';

/*
 * `maxBytes` holds for the directory of a destination as a whole, whatever number of processes writes to it at the same time. A process may
 * write as many bytes to its own directory as it has reserved in a file there. It reserves some more when these are used up: it takes a lock,
 * measures the others (files, or their reservations if those are larger), and takes a part of what is left. Between two reservations a
 * process needs neither the lock nor the others.
 */

/** Name of the file with the number of bytes that a process has reserved for its directory. */
export const RESERVATION = 'reserved';
const LOCK = '.lock';
/** Part of the limit that is reserved at once. Smaller: more locking. Larger: less for other processes. */
const PART = 1 / 16;
const MAX_PART_BYTES = 4_000_000;
/** Part of the limit that may be used. The rest is for files of some bytes: reservations, and counts of finished lines. */
const USABLE = 0.98;
/** Age of a lock whose process was killed. A lock is held for some milliseconds. */
const STALE_LOCK_MS = 10_000;
/** Longest wait for the lock. After it the limit may be exceeded by the part of one process. */
const MAX_WAIT_MS = 2_000;

export class SharedQuota {
  readonly #root: string;
  readonly #usableBytes: number;
  readonly #partBytes: number;
  #directory = '';
  #reservedBytes = 0;

  /** `root` is the directory of the destination. */
  constructor(root: string, maxBytes: number) {
    this.#root = root;
    this.#usableBytes = Math.floor(maxBytes * USABLE);
    this.#partBytes = Math.min(Math.floor(maxBytes * PART), MAX_PART_BYTES);
  }

  /**
   * Returns whether the own directory may grow to `bytes`.
   *
   * @throws SpoolRefusal, or the error of the file system, if that cannot be found out.
   */
  async reserve(directory: string, bytes: number): Promise<boolean> {
    if (directory !== this.#directory) {
      this.#directory = directory;
      this.#reservedBytes = 0;
    }
    if (bytes <= this.#reservedBytes) return true;
    await makeDirectories(dirname(this.#root), this.#root, directory);
    return this.#withLock(async () => {
      const freeBytes = this.#usableBytes - (await this.#bytesOfOthers()) - bytes;
      if (freeBytes < 0) return false;
      await this.#write(bytes + Math.min(freeBytes, this.#partBytes));
      return true;
    });
  }

  /** Returns whether all files together are larger than the limit, as after it was lowered. */
  async isExceeded(directory: string, bytes: number): Promise<boolean> {
    this.#directory ||= directory;
    return bytes + (await this.#bytesOfOthers()) > this.#usableBytes;
  }

  /** Gives back what is reserved beyond `bytes` and one part more. */
  async release(bytes: number): Promise<void> {
    const kept = bytes + this.#partBytes;
    if (this.#reservedBytes > kept) await this.#write(kept).catch(() => {});
  }

  /** Gives back everything. */
  async close(): Promise<void> {
    if (this.#reservedBytes > 0)
      await rm(join(this.#directory, RESERVATION), { force: true }).catch(() => {});
    this.#reservedBytes = 0;
  }

  async #write(bytes: number): Promise<void> {
    await writeNumber(join(this.#directory, RESERVATION), bytes);
    this.#reservedBytes = bytes;
  }

  async #bytesOfOthers(): Promise<number> {
    let bytes = 0;
    for (const entry of await list(this.#root)) {
      const path = join(this.#root, entry.name);
      if (path === this.#directory) continue;
      bytes += entry.isDirectory() ? await bytesOf(path, entry.name) : sizeOf(await statsOf(path));
    }
    return bytes;
  }

  async #withLock<T>(work: () => Promise<T>): Promise<T> {
    const lock = join(this.#root, LOCK);
    const isLocked = await takeLock(lock);
    try {
      return await work();
    } finally {
      if (isLocked) await rmdir(lock).catch(() => {});
    }
  }
}

/** Returns the bytes of the files of one process, or what it has reserved if that is more and it may still run. */
async function bytesOf(directory: string, name: string): Promise<number> {
  const entries = await list(directory);
  const files = await Promise.all(entries.map((entry) => statsOf(join(directory, entry.name))));
  const bytes = files.reduce((sum, stats) => sum + sizeOf(stats), 0);
  const mayGrow = ownerState(name) !== 'dead';
  return mayGrow ? Math.max(bytes, await readNumber(join(directory, RESERVATION))) : bytes;
}

/** Returns false if the lock could not be had in time. */
async function takeLock(lock: string): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < MAX_WAIT_MS;) {
    try {
      await mkdir(lock);
      return true;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    await removeStale(lock);
    const waitMs = 2 + Math.random() * 20;
    await pause(waitMs, undefined, { ref: false });
    waitedMs += waitMs;
  }
  return false;
}

async function removeStale(lock: string): Promise<void> {
  const stats = await statsOf(lock);
  if (!stats || Math.abs(Date.now() - stats.mtimeMs) < STALE_LOCK_MS) return;
  // Renamed first, because of several processes that see the stale lock one succeeds.
  const stale = `${lock}-${process.pid}-${Math.random().toString(36).slice(2)}`;
  await rename(lock, stale).then(
    () => rm(stale, { recursive: true, force: true }),
    () => {},
  );
}

async function list(directory: string): Promise<Dirent[]> {
  return readdir(directory, { withFileTypes: true }).catch(() => []);
}

async function statsOf(path: string): Promise<Stats | undefined> {
  return lstat(path).catch(() => undefined);
}

function sizeOf(stats: Stats | undefined): number {
  return stats?.isFile() ? stats.size : 0;
}
