/**
 * Access to files and directories of a spool that somebody else may have put there: links, FIFOs, sockets, files of other users. Nothing is
 * followed, nothing blocks, and what is not ours is refused.
 *
 * A directory that is ours, and that others may not write to, cannot be changed between a check and a use, except by our own user.
 */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, mkdir, open } from 'node:fs/promises';
import { warnOnce } from '../../common/logger.js';
import { codeOf } from '../../common/unknown-values.js';
import { SpoolRefusal } from '../../delivery/model/spool.js';

/** Modes of files and directories that hold prompts and answers: nobody but their owner may read them. */
export const FILE_MODE = 0o600;
export const DIRECTORY_MODE = 0o700;

/** Longer files hold no number of ours. */
const MAX_NUMBER_BYTES = 32;
const WRITABLE_BY_ALL = 0o002;
const STICKY = 0o1000;
/** `O_NONBLOCK` makes `open()` of a FIFO return at once. On Windows, two of them are undefined, which counts as 0 in `|`. */
const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_CREAT, O_APPEND } = constants;

const FLAGS = {
  read: O_RDONLY,
  update: O_RDWR,
  replace: O_RDWR | O_CREAT,
  append: O_RDWR | O_CREAT | O_APPEND,
};

/**
 * Opens a regular file of ours. `replace` and `append` create it; none of them changes what it contains.
 *
 * @throws SpoolRefusal if it is something else, or the error of the file system.
 */
export async function openSafely(path: string, use: keyof typeof FLAGS): Promise<FileHandle> {
  const file = await openOrRefuse(path, FLAGS[use] | O_NOFOLLOW | O_NONBLOCK);
  try {
    const problem = problemOfFile(await file.stat());
    if (problem !== undefined) throw new SpoolRefusal(`${path} ${problem}`);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openOrRefuse(path: string, flags: number): Promise<FileHandle> {
  try {
    return await open(path, flags, FILE_MODE);
  } catch (error) {
    const stats = await lstat(path).catch(() => undefined);
    const problem = stats && problemOfFile(stats);
    throw problem === undefined ? error : new SpoolRefusal(`${path} ${problem}`);
  }
}

/** Returns the number in a small file; 0 if there is none. */
export async function readNumber(path: string): Promise<number> {
  try {
    const file = await openSafely(path, 'read');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_NUMBER_BYTES), 0, MAX_NUMBER_BYTES, 0);
      const text = buffer.toString('utf8', 0, bytesRead);
      return /^\d+$/.test(text) ? Number(text) : 0;
    } finally {
      await file.close();
    }
  } catch {
    return 0;
  }
}

/**
 * Replaces the content of a small file by a number.
 *
 * @throws SpoolRefusal, or the error of the file system.
 */
export async function writeNumber(path: string, number: number): Promise<void> {
  const file = await openSafely(path, 'replace');
  try {
    const text = Buffer.from(String(number));
    await file.truncate(0);
    await file.write(text, 0, text.byteLength, 0);
  } finally {
    await file.close();
  }
}

/**
 * Creates directories that are missing, one below the other, and checks all of them. The first may be shared with other programs: it may
 * belong to root, and be sticky, as /tmp is.
 *
 * @throws SpoolRefusal if one of them is no directory of ours, or the error of the file system.
 */
export async function makeDirectories(...paths: readonly string[]): Promise<void> {
  for (const [level, path] of paths.entries()) {
    try {
      await mkdir(path, { recursive: level === 0, mode: DIRECTORY_MODE });
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    await checkDirectory(path, level === 0);
  }
}

/** @throws SpoolRefusal if it is no directory of ours, or the error of the file system. */
export async function checkDirectory(path: string, isShared = false): Promise<void> {
  const problem = problemOfDirectory(await lstat(path), isShared);
  if (problem !== undefined) throw new SpoolRefusal(`${path} ${problem}`);
}

/** Says once what is refused and why. Other errors are not reported. */
export function warnOfRefusal(error: unknown): void {
  if (error instanceof SpoolRefusal)
    warnOnce(`the spool does not touch what is not its own: ${error.message}`);
}

function problemOfFile(stats: Stats): string | undefined {
  if (!stats.isFile()) return `is ${kindOf(stats)}, not a file`;
  if (stats.nlink > 1) return 'is a hard link to a file with another name';
  return problemOfOwner(stats, false);
}

function problemOfDirectory(stats: Stats, isShared: boolean): string | undefined {
  if (!stats.isDirectory()) return `is ${kindOf(stats)}, not a directory`;
  // In a sticky directory, such as /tmp, others can neither rename nor delete what is ours.
  const isProtected = isShared && (stats.mode & STICKY) !== 0;
  if (isUnix() && !isProtected && (stats.mode & WRITABLE_BY_ALL) !== 0) return 'can be written by every user';
  return problemOfOwner(stats, isShared);
}

function problemOfOwner({ uid }: Stats, mayBelongToRoot: boolean): string | undefined {
  const own = process.geteuid?.();
  if (own === undefined || uid === own || (mayBelongToRoot && uid === 0)) return undefined;
  return `belongs to the user ${uid}, not to ${own}`;
}

function isUnix(): boolean {
  return process.geteuid !== undefined;
}

function kindOf(stats: Stats): string {
  if (stats.isSymbolicLink()) return 'a symbolic link';
  if (stats.isFIFO()) return 'a FIFO';
  if (stats.isSocket()) return 'a socket';
  if (stats.isDirectory()) return 'a directory';
  return stats.isFile() ? 'a file' : 'a device';
}
