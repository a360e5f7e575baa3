import { readFileSync } from 'node:fs';
import { open, readFile, unlink, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';

/** The file is in use by another process; its message says which, and what to do. */
export class FileLockedError extends Error {
  override readonly name = 'FileLockedError';
  readonly code = 'ELOCKED';
}

/** Who holds a lock. `startedAt` tells a process from a later one with the same number, where the system says it. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly startedAt?: string;
}

const ATTEMPTS = 5;

/**
 * Makes `<file>.lock`, so that no second process writes to the file, and returns how to give it back. The lock of a process that is
 * gone, as after `kill -9`, is taken over.
 *
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

/** `undefined` when it is there already. */
async function create(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
}

/** `undefined` when nobody can be read out of it: its writer died before it had written, or it is gone again. */
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
  // Of another machine's processes nothing can be known here.
  if (host !== hostname()) return true;
  if (startedAt !== undefined && startOf(pid) !== undefined) return startOf(pid) === startedAt;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process started, in ticks of the system, on Linux: in a container every process may get the same number again. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the command, in parentheses, may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function describe(file: string, path: string, { pid, host }: Holder): string {
  const where = host === hostname() ? '' : ` on ${host}`;
  return `${file} is in use by process ${pid}${where}. If that is not so, delete ${path}`;
}
