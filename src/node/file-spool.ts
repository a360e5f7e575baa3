import { resolve } from 'node:path';
import type { Spool } from '../delivery/model/spool.js';
import { defineOptions, type OptionTable } from '../common/options/define-options.js';
import { count, filePath, wholeNumberFrom } from '../common/options/option-kinds.js';
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

/** Two files of each kind, and a request of each kind. */
const SMALLEST_SPOOL = 1_000_000;

const OPTIONS = {
  dir: { required: true, ...filePath('directory', 'spool') },
  maxBytes: { default: 64_000_000, ...wholeNumberFrom(SMALLEST_SPOOL) },
  maxAgeMs: { default: 72 * 60 * 60 * 1_000, ...count },
  claimWithinMs: { default: 10_000, ...wholeNumberFrom(0) },
} as const satisfies OptionTable<FileSpoolOptions>;

const resolveOptions = defineOptions<FileSpoolOptions, typeof OPTIONS>(OPTIONS);

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
  const settings = resolveOptions(options);
  const dir = resolve(settings.dir);
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
