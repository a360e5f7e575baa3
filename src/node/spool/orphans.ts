import { codeOf } from '../../common/unknown-values.js';
import { mkdir, readdir, rename, rmdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { EntryKind } from '../../destinations/destination.js';
import { DIRECTORY_MODE } from './file-modes.js';
import { surveyFile } from './file-survey.js';
import { disown, newOwnName, ownerState } from './owner.js';
import { Segment } from './segment.js';

/** A directory whose time did not change for so long, by this process's monotonic clock, belongs to a process that has ended. */
const STALE_MS = 120_000;
/**
 * Age by the system clock at which the directory of another machine or container is an orphan, even if this process sees it for the
 * first time. If a clock is wrong, entries may be sent twice; none is lost.
 */
const FOREIGN_STALE_MS = 600_000;
const SEGMENT = /^(prompt|event)-\d+\.jsonl$/;

/** Finds orphans: directories of processes that have ended. */
export class OrphanWatch {
  /** The directory that is searched. */
  readonly root: string;
  readonly #now: () => number;
  /** Directory → its modification time, and when this process saw it first. */
  readonly #lastChange = new Map<string, { readonly mtimeMs: number; readonly atMs: number }>();

  constructor(root: string, now: () => number) {
    this.root = root;
    this.#now = now;
  }

  async find(): Promise<string[]> {
    const names = await readdir(this.root).catch(() => []);
    const orphans: string[] = [];
    for (const name of names.toSorted(alphabetically)) {
      const state = ownerState(name);
      if (state === 'dead') orphans.push(name);
      else if (state === 'running' && (await this.#isStale(name, Number.POSITIVE_INFINITY)))
        orphans.push(name);
      else if (state === 'elsewhere' && (await this.#isStale(name, FOREIGN_STALE_MS))) orphans.push(name);
    }
    return orphans;
  }

  async #isStale(name: string, maxAgeMs: number): Promise<boolean> {
    const mtimeMs = await stat(join(this.root, name)).then(
      (stats) => stats.mtimeMs,
      () => undefined,
    );
    if (mtimeMs === undefined) return false;
    const seen = this.#lastChange.get(name);
    if (!seen || seen.mtimeMs !== mtimeMs) this.#lastChange.set(name, { mtimeMs, atMs: this.#now() });
    const isUnchanged = seen?.mtimeMs === mtimeMs && this.#now() - seen.atMs > STALE_MS;
    return isUnchanged || Date.now() - mtimeMs > maxAgeMs;
  }
}

/**
 * Moves an orphan from one root to another, or within one, under a new name of this process, and returns the name. If several
 * processes try, one succeeds; the others get `undefined`.
 */
export async function claim(from: string, orphan: string, to: string): Promise<string | undefined> {
  const name = newOwnName();
  try {
    await mkdir(to, { recursive: true, mode: DIRECTORY_MODE });
    await rename(join(from, orphan), join(to, name));
    await touchDirectory(join(to, name));
    return name;
  } catch {
    disown(name);
    return undefined;
  }
}

/** Returns the readable files of a claimed directory, oldest first. Removes files whose entries are all finished. */
export async function readOrphan(directory: string, nowMs: number): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const name of (await readdir(directory)).toSorted(alphabetically)) {
    const kind = SEGMENT.exec(name)?.[1] as EntryKind | undefined;
    if (!kind) continue;
    const segment = new Segment(kind, join(directory, name));
    try {
      segment.claim(await surveyFile(segment.path, nowMs));
    } catch {
      continue;
    }
    if (segment.isFinished) await segment.remove().catch(() => {});
    else segments.push(segment);
  }
  return segments;
}

/** Updates the time of a directory, by which other processes see that its owner runs. Returns false if the directory is gone. */
export async function touchDirectory(directory: string): Promise<boolean> {
  const now = new Date();
  return utimes(directory, now, now).then(
    () => true,
    (error: unknown) => codeOf(error) !== 'ENOENT',
  );
}

/** Removes a directory that is empty. */
export async function removeIfEmpty(directory: string): Promise<void> {
  await rmdir(directory).catch(() => {});
}

function alphabetically(a: string, b: string): number {
  return a < b ? -1 : 1;
}
