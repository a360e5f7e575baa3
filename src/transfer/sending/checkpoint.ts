import { createHash } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { asNumber, asRecord } from '../../common/unknown-values.js';

/** Identity of an import: the target, and the files in their state. */
export interface ImportIdentity {
  readonly target: string;
  readonly files: readonly {
    readonly name: string;
    readonly size: number | undefined;
    readonly changedMs: number | undefined;
  }[];
}

/** Shortest time between two writes. */
const INTERVAL_MS = 1000;

/**
 * Progress of an import, in a file beside its input, so that it goes on there after an interruption of any kind. Without the file
 * everything is sent again, which takes longer and makes no doubles.
 */
export class Checkpoint {
  readonly path: string;
  readonly #key: string;
  #writtenMs = 0;
  #isWritable = true;

  constructor(path: string, identity: ImportIdentity) {
    this.path = path;
    this.#key = createHash('sha256').update(JSON.stringify(identity)).digest('base64url');
  }

  /** Returns the number of records that were sent. 0 if there is no file, or if it is about another import. */
  async read(): Promise<number> {
    try {
      const { key, sent } = asRecord(JSON.parse(await readFile(this.path, 'utf8')));
      return key === this.#key ? (asNumber(sent) ?? 0) : 0;
    } catch {
      return 0;
    }
  }

  /** Writes the number of records that were sent, but not too often. Returns false if the file cannot be written. */
  async write(sent: number, isLast = false): Promise<boolean> {
    const nowMs = Date.now();
    if (!this.#isWritable || (!isLast && nowMs - this.#writtenMs < INTERVAL_MS)) return this.#isWritable;
    this.#writtenMs = nowMs;
    const part = `${this.path}.new`;
    try {
      await writeFile(part, `${JSON.stringify({ key: this.#key, sent })}\n`, { mode: 0o600 });
      await rename(part, this.path);
    } catch {
      this.#isWritable = false;
    }
    return this.#isWritable;
  }

  /** Removes the file: the import is complete. */
  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}
