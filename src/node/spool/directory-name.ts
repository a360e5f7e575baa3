/**
 * Names of the directories of a spool, one for each destination: `shop-<hash of name and URL>-<hash of the account>`.
 *
 * The hashes alone tell destinations apart. The readable beginning is in lower case, because file systems of macOS and Windows ignore
 * case. Names that differ in the last hash alone are accounts of the same destination, for instance before and after a new API key.
 */
import { createHash } from 'node:crypto';
import type { SpoolOwner } from '../../delivery/model/spool.js';

const HASH_LENGTH = 16;
const MAX_READABLE_LENGTH = 40;
const NAME = new RegExp(`^(.+)-[0-9a-f]{${HASH_LENGTH}}(?:~\\d+)?$`);

/** Place of a store on disk. */
export interface StorePlace {
  /** Directory that the stores of all destinations share. */
  readonly dir: string;
  /** Name of this store's directory in `dir`. */
  readonly name: string;
  /** Names of directories in `dir` whose entries may be claimed as well. */
  readonly claimFrom: readonly string[];
}

/** Returns the name of the directory of the `number`th destination that has this name, URL and account. */
export function directoryNameOf({ name, url, accountId }: SpoolOwner, number = 1): string {
  const readable = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, MAX_READABLE_LENGTH);
  const hashes = [hashOf([name, url ?? null]), hashOf([accountId ?? null])].join('-');
  return `${readable || 'destination'}-${hashes}${number === 1 ? '' : `~${number}`}`;
}

/** Returns true if two names belong to different accounts of the same destination. */
export function isOtherAccount(a: string, b: string): boolean {
  const destination = NAME.exec(a)?.[1];
  return a !== b && destination !== undefined && destination === NAME.exec(b)?.[1];
}

function hashOf(parts: readonly (string | null)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, HASH_LENGTH);
}
