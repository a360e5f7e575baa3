import { codeOf } from '../../../common/unknown-values.js';
import { readFileSync } from 'node:fs';
import { open, readFile, unlink, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';

/** The file is in use by another process. The message says by which, and what to do. */
export class FileLockedError extends Error {
  override readonly name = 'FileLockedError';
  readonly code = 'ELOCKED';
}

/** The process that holds a lock. `startedAt` distinguishes it from a later process with the same pid (Linux only). */
interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly startedAt?: string;
}

/** Several processes may take over the same stale lock at once. */
const ATTEMPTS = 5;

/**
 * Creates `<file>.lock`, so that no second process writes to the file. The lock of a dead process is taken over.
 *
 * @returns a function that releases the lock
 * @throws FileLockedError
 */
export async function lockFile(file: string): Promise<() => Promise<void>> {
  const path = `${file}.lock`;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const handle = await create(path);
    if (handle) {
      await handle.writeFile(JSON.stringify(self()));
      await handle.close();
      return () => unlink(path).catch(() => undefined);
    }
    const holder = await readHolder(path);
    if (holder && isAlive(holder)) throw new FileLockedError(describe(file, path, holder));
    await unlink(path).catch(() => undefined);
  }
  throw new FileLockedError(`${file} is in use. If that is not so, delete ${path}`);
}

/** Returns undefined if the file exists. */
async function create(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return undefined;
    throw error;
  }
}

/** Returns undefined if the lock is gone, or was never completely written. */
async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const holder: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isHolder(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
}

function isHolder(value: unknown): value is Holder {
  if (typeof value !== 'object' || value === null) return false;
  return 'pid' in value && typeof value.pid === 'number' && 'host' in value && typeof value.host === 'string';
}

function self(): Holder {
  const startedAt = startOf(process.pid);
  return { pid: process.pid, host: hostname(), ...(startedAt !== undefined && { startedAt }) };
}

function isAlive({ pid, host, startedAt }: Holder): boolean {
  // Processes of another machine cannot be checked.
  if (host !== hostname()) return true;
  if (startedAt !== undefined && startOf(pid) !== undefined) return startOf(pid) === startedAt;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** Returns when a process started, in clock ticks; undefined off Linux. In a container, pids repeat after a restart. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 2, the command in parentheses, may contain spaces and parentheses itself.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function describe(file: string, path: string, { pid, host }: Holder): string {
  const where = host === hostname() ? '' : ` on ${host}`;
  return `${file} is in use by process ${pid}${where}. If that is not so, delete ${path}`;
}
