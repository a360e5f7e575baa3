import { codeOf } from '../../common/unknown-values.js';
import { lstat, readdir, rename, rm, rmdir, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { EntryKind } from '../../destinations/destination.js';
import { surveyFile } from './file-survey.js';
import { disown, newOwnName, ownerState } from './owner.js';
import { checkDirectory, makeDirectories, warnOfRefusal } from './safe-files.js';
import { Segment } from './segment.js';
import { RESERVATION } from './shared-quota.js';

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
    this.#forgetOthers(new Set(names));
    const orphans: string[] = [];
    for (const name of names.toSorted(alphabetically)) {
      if ((await this.#isOrphan(name)) && (await isOurDirectory(join(this.root, name)))) orphans.push(name);
    }
    return orphans;
  }

  /** A process can live long beside many that begin and end. */
  #forgetOthers(names: ReadonlySet<string>): void {
    for (const name of this.#lastChange.keys()) if (!names.has(name)) this.#lastChange.delete(name);
  }

  async #isOrphan(name: string): Promise<boolean> {
    const state = ownerState(name);
    if (state === 'running') return this.#isStale(name, Number.POSITIVE_INFINITY);
    return state === 'dead' || (state === 'elsewhere' && (await this.#isStale(name, FOREIGN_STALE_MS)));
  }

  async #isStale(name: string, maxAgeMs: number): Promise<boolean> {
    const mtimeMs = await lstat(join(this.root, name)).then(
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
    await makeDirectories(dirname(to), to);
    await checkDirectory(from);
    await rename(join(from, orphan), join(to, name));
    // Again, because it may have been replaced before it was renamed.
    await checkDirectory(join(to, name));
    await touchDirectory(join(to, name));
    await rm(join(to, name, RESERVATION), { force: true });
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
    } catch (error) {
      warnOfRefusal(error);
      continue;
    }
    if (segment.isFinished) await segment.remove().catch(() => {});
    else segments.push(segment);
  }
  return segments;
}

/** Returns whether it is a directory that may be claimed, and says once why not. */
async function isOurDirectory(path: string): Promise<boolean> {
  return checkDirectory(path).then(
    () => true,
    (error: unknown) => {
      warnOfRefusal(error);
      return false;
    },
  );
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
