import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Tmpfs {
  readonly dir: string;
  unmount(): void;
}

/** Mounts a file system in memory, for instance of `size=1m`. Returns undefined without the right to mount. */
export function mountTmpfs(option: string): Tmpfs | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'tmpfs-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', option, 'tmpfs', dir], { stdio: 'ignore' });
  } catch {
    rmdirSync(dir);
    return undefined;
  }
  return {
    dir,
    unmount() {
      execFileSync('umount', ['-l', dir]);
      rmdirSync(dir);
    },
  };
}

/** Returns whether tests of a full disk can run here, and prints a warning if not. */
export function canMountTmpfs(): boolean {
  const tmpfs = mountTmpfs('size=1m');
  tmpfs?.unmount();
  if (!tmpfs) console.warn('SKIPPED: mounting a tmpfs takes root, so a full disk is not tested.');
  return tmpfs !== undefined;
}
