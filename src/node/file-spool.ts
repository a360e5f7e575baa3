import { resolve } from 'node:path';
import { SpoolController } from '../delivery/spooling/spool-controller.js';
import type { Spool } from '../delivery/model/spool.js';
import { defineOptions, type OptionTable } from '../common/options/define-options.js';
import { missingOption } from '../common/options/missing-option-error.js';
import { count, filePath, texts, wholeNumberFrom } from '../common/options/option-kinds.js';
import { directoryNameOf, isOtherAccount } from './spool/directory-name.js';
import { FileStore } from './spool/file-store.js';

/** Options of {@link fileSpool}. */
export interface FileSpoolOptions {
  /**
   * Path of the directory, created when it is needed. Required. Relative paths are resolved when `fileSpool()` is called. Processes
   * may share the directory: each writes to a subdirectory of its own, which must not be deleted while the process runs.
   */
  readonly dir: string;
  /**
   * Bytes on disk for each destination, of all processes together. Above it the oldest waiting entries of ended processes and of this one are
   * dropped as `spool_full`. Default: 64,000,000.
   */
  readonly maxBytes?: number | undefined;
  /**
   * Milliseconds after which an entry that could not be delivered is dropped as `spool_expired`. Replaces the option `maxAgeMs` of the
   * span processor. Default: 72 hours.
   */
  readonly maxAgeMs?: number | undefined;
  /**
   * Milliseconds after the start within which entries of ended processes are claimed, at a random time or at the first flush, so that processes that start
   * together do not send together. Default: 10,000.
   */
  readonly claimWithinMs?: number | undefined;
  /**
   * Names of directories in `dir` that were left by another account of the same destination, for instance by an API key that was
   * replaced. Their entries are sent with the key of today. A warning in `diag` names such directories. Default: none.
   */
  readonly claimFrom?: readonly string[] | undefined;
}

/** Room for two files, and the entries of one request, of each kind. */
const SMALLEST_SPOOL = 1_000_000;

const OPTIONS = {
  dir: { required: missingOption, ...filePath('directory', 'spool') },
  maxBytes: { default: 64_000_000, ...wholeNumberFrom(SMALLEST_SPOOL) },
  maxAgeMs: { default: 72 * 60 * 60 * 1_000, ...count },
  claimWithinMs: { default: 10_000, ...wholeNumberFrom(0) },
  claimFrom: { default: [], ...texts },
} as const satisfies OptionTable<FileSpoolOptions>;

const resolveOptions = defineOptions<FileSpoolOptions, typeof OPTIONS>(OPTIONS);

/**
 * Returns a spool that keeps records on disk until they are delivered, so that they survive an outage of the destination and the end
 * of the process, also by a crash.
 *
 * ```ts
 * new TrubricsSpanProcessor({ spool: fileSpool({ dir: '/var/lib/my-app/trubrics' }) });
 * ```
 *
 * Each destination has a directory of its own, named by a hash of its name, URL and credentials: records of one project are never sent
 * with the key of another, also if both use the same `dir`. What an old key left is sent only if `claimFrom` names it.
 *
 * A record counts as spooled when it is on stable storage (`fdatasync`). After a crash the last records may be sent twice, with the
 * same id. The files contain prompts and answers without encryption, readable for their owner alone (0700, 0600), and no
 * credentials. While the disk is full or cannot be written, records wait in memory.
 *
 * @throws TypeError if an option is unknown, wrong or missing. Errors of the file system appear in `diag` and `stats()`.
 */
export function fileSpool(options: FileSpoolOptions): Spool {
  const settings = resolveOptions(options);
  const dir = resolve(settings.dir);
  const open = new Set<string>();
  return {
    Controller: SpoolController,
    open(owner, events, runtime) {
      // Without an account nothing tells destinations of the same name and URL apart: they get numbers in the order of opening.
      let number = 1;
      while (owner.accountId === undefined && open.has(directoryNameOf(owner, number))) number++;
      const name = directoryNameOf(owner, number);
      open.add(name);
      return new FileStore(
        { dir, name, claimFrom: settings.claimFrom.filter((other) => isOtherAccount(other, name)) },
        settings,
        events,
        runtime,
        () => open.delete(name),
      );
    },
  };
}
