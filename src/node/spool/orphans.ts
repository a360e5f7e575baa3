import { readdir, rename, rmdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { EntryKind } from '../../destinations/destination.js';
import { surveyFile } from './file-survey.js';
import { disown, newOwnName, ownerState } from './owner.js';
import { Segment } from './segment.js';

/** No sign of life for so long, watched by this process's own clock: that process has ended. */
const STALE_MS = 120_000;
/**
 * The same by the clock on the wall, for directories of another machine or container, of which nothing else is known at first
 * sight. A clock that is wrong, or set forward, makes entries be sent twice, and none be lost.
 */
const LONG_STALE_MS = 600_000;
const SEGMENT = /^(prompt|event)-\d+\.jsonl$/;

/** Finds the directories of processes that have ended, beside those of processes that live. */
export class OrphanWatch {
  readonly #root: string;
  readonly #now: () => number;
  /** When a directory was last seen to change. */
  readonly #lastChange = new Map<string, { readonly mtimeMs: number; readonly atMs: number }>();

  constructor(root: string, now: () => number) {
    this.#root = root;
    this.#now = now;
  }

  async find(): Promise<string[]> {
    const names = await readdir(this.#root).catch(() => []);
    const orphans: string[] = [];
    for (const name of names.toSorted(alphabetically)) {
      const state = ownerState(name);
      if (state === 'dead') orphans.push(name);
      else if (state === 'running' && (await this.#isStale(name, Number.POSITIVE_INFINITY)))
        orphans.push(name);
      else if (state === 'elsewhere' && (await this.#isStale(name, LONG_STALE_MS))) orphans.push(name);
    }
    return orphans;
  }

  async #isStale(name: string, longStaleMs: number): Promise<boolean> {
    const mtimeMs = await stat(join(this.#root, name)).then(
      (stats) => stats.mtimeMs,
      () => undefined,
    );
    if (mtimeMs === undefined) return false;
    const seen = this.#lastChange.get(name);
    if (!seen || seen.mtimeMs !== mtimeMs) this.#lastChange.set(name, { mtimeMs, atMs: this.#now() });
    const isUnchanged = seen?.mtimeMs === mtimeMs && this.#now() - seen.atMs > STALE_MS;
    return isUnchanged || Date.now() - mtimeMs > longStaleMs;
  }
}

/** Takes a directory over. The renaming decides: of several that try, one succeeds. Returns its new name. */
export async function claim(root: string, orphan: string): Promise<string | undefined> {
  const name = newOwnName();
  try {
    await rename(join(root, orphan), join(root, name));
    await signLife(join(root, name));
    return name;
  } catch {
    disown(name);
    return undefined;
  }
}

/** The files of a directory, oldest first, as far as they can be read. Those without anything to send are removed. */
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

/** Shows other processes that this one lives. `false`: the directory is gone. */
export async function signLife(directory: string): Promise<boolean> {
  const now = new Date();
  return utimes(directory, now, now).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
}

/** Removes a directory that is empty. */
export async function removeIfEmpty(directory: string): Promise<void> {
  await rmdir(directory).catch(() => {});
}

function alphabetically(a: string, b: string): number {
  return a < b ? -1 : 1;
}
