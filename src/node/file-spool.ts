import { resolve } from 'node:path';
import type { Spool } from '../delivery/model/spool.js';
import { checkOptionNames } from '../common/option-names.js';
import { directoryFor, FileStore } from './spool/file-store.js';

export interface FileSpoolOptions {
  /**
   * The directory, created when it is needed. Several processes may share it, each writes to a part of its own; do not delete
   * parts while they run. Relative to the working directory of the moment of construction.
   */
  readonly dir: string;
  /** Bytes on disk, for each destination. Beyond it the oldest that waits is dropped as `spool_full`. Default 64 MB. */
  readonly maxBytes?: number;
  /** What could not be delivered for so long is dropped, instead of after the `maxAgeMs` of the delivery. Default 72 hours. */
  readonly maxAgeMs?: number;
  /**
   * What processes that have ended left behind is taken over within so many milliseconds of the start, at a random moment, so
   * that a fleet that starts together does not send together. Default 10,000.
   */
  readonly claimWithinMs?: number;
}

/** The compiler keeps the list whole. */
const OPTION_NAMES: Readonly<Record<keyof FileSpoolOptions, true>> = {
  dir: true,
  maxBytes: true,
  maxAgeMs: true,
  claimWithinMs: true,
};

const DEFAULTS = { maxBytes: 64_000_000, maxAgeMs: 72 * 60 * 60 * 1_000, claimWithinMs: 10_000 };
/** Two files of each kind, and a request of each kind. */
const SMALLEST_SPOOL = 1_000_000;

/**
 * Keeps records on disk until they are delivered, so that neither an outage of the destination nor the end of the process, by
 * whatever means, loses them.
 *
 * ```ts
 * new TrubricsSpanProcessor({ spool: fileSpool({ dir: '/var/lib/my-app/trubrics' }) });
 * ```
 *
 * A record counts as spooled when it is on stable storage (`fdatasync`). After a crash the last ones may be sent twice, with
 * the same id. The files hold what people wrote, unencrypted, readable for their owner alone (0700, 0600), and no credentials.
 * While the disk is full or cannot be written, records wait in memory.
 *
 * @throws TypeError when an option is wrong. Errors of the file system appear in `diag` and `stats()`.
 */
export function fileSpool(options: FileSpoolOptions): Spool {
  checkOptionNames(options, OPTION_NAMES);
  const dir = resolve(checkDir(options.dir));
  const settings = {
    maxBytes: checkCount('maxBytes', options.maxBytes, DEFAULTS.maxBytes, SMALLEST_SPOOL),
    maxAgeMs: checkCount('maxAgeMs', options.maxAgeMs, DEFAULTS.maxAgeMs, 1),
    claimWithinMs: checkCount('claimWithinMs', options.claimWithinMs, DEFAULTS.claimWithinMs, 0),
  };
  const open = new Set<string>();
  return {
    open(destination, events, runtime) {
      // Destinations of one name are told apart by their order.
      let number = 1;
      while (open.has(directoryFor(dir, destination, number))) number++;
      const root = directoryFor(dir, destination, number);
      open.add(root);
      return new FileStore(root, settings, events, runtime, () => open.delete(root));
    },
  };
}

function checkDir(dir: unknown): string {
  if (typeof dir === 'string' && dir !== '') return dir;
  throw new TypeError(
    `dir: ${dir === '' ? 'an empty string' : typeof dir} given, the name of a directory accepted, for instance "spool".`,
  );
}

function checkCount(option: string, value: unknown, fallback: number, smallest: number): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= smallest) return value;
  const given = typeof value === 'number' ? value : typeof value;
  throw new TypeError(
    `${option}: ${given} given, a whole number from ${smallest} on accepted. Leave it out for ${fallback}.`,
  );
}
