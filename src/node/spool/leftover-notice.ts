import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { logger } from '../../common/logger.js';
import { isOtherAccount, type StorePlace } from './directory-name.js';
import { ownerState } from './owner.js';

/** Age from which entries count as left behind. Younger ones will probably be claimed by the next process with their own key. */
const LEFT_BEHIND_MS = 600_000;

/** Says once, of each directory that ended processes with another account of the same destination left, how to have it sent. */
export class LeftoverNotice {
  readonly #place: StorePlace;
  readonly #reported = new Set<string>();

  constructor(place: StorePlace) {
    this.#place = place;
  }

  async look(): Promise<void> {
    const { dir, name, claimFrom } = this.#place;
    for (const other of await readdir(dir).catch(() => [])) {
      if (!isOtherAccount(other, name) || claimFrom.includes(other) || this.#reported.has(other)) continue;
      if (!(await hasOldOrphan(join(dir, other)))) continue;
      this.#reported.add(other);
      logger.warn(
        `the spool ${dir} contains entries in ${other} that another key or account of this destination left. They are not sent ` +
          `with the key of today. If it replaces the old one, set fileSpool({ claimFrom: ['${other}'] }).`,
      );
    }
  }
}

async function hasOldOrphan(root: string): Promise<boolean> {
  for (const name of await readdir(root).catch(() => [])) {
    if (ownerState(name) !== 'dead' && ownerState(name) !== 'elsewhere') continue;
    const changedMs = await lstat(join(root, name)).then(
      ({ mtimeMs }) => mtimeMs,
      () => Infinity,
    );
    if (Date.now() - changedMs > LEFT_BEHIND_MS) return true;
  }
  return false;
}
