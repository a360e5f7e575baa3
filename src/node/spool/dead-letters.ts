import { appendFile, mkdir, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { EntryKind } from '../../destinations/destination.js';
import type { DropReason } from '../../delivery/model/settlement.js';
import { DIRECTORY_MODE, FILE_MODE } from './file-modes.js';

/** Size at which the file is rotated. */
const MAX_BYTES = 1_000_000;
/** Dead letters that wait while the disk is slow. Further ones are not kept. */
const MAX_WAITING = 1_000;

/**
 * Keeps entries that the destination refused for good: one JSON object a line, with the reason and the destination's error. At one
 * megabyte the file is renamed to `<path>.1` and replaces the previous one.
 */
export class DeadLetters {
  readonly #path: string;
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  add(kind: EntryKind, json: string, reason: DropReason, error: string | undefined): void {
    if (this.#waiting.length >= MAX_WAITING) return;
    const letter = { v: 1, at: new Date().toISOString(), kind, reason, error, e: json };
    this.#waiting.push(`${JSON.stringify(letter)}\n`);
    this.#writing ??= this.#writeAll();
  }

  async written(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const letters = this.#waiting.splice(0).join('');
      try {
        await mkdir(dirname(this.#path), { recursive: true, mode: DIRECTORY_MODE });
        await this.#makeRoom(Buffer.byteLength(letters));
        await appendFile(this.#path, letters, { mode: FILE_MODE });
      } catch {
        // Ignored: the entries are counted as dropped even if no copy can be kept.
      }
    }
    this.#writing = undefined;
  }

  async #makeRoom(bytes: number): Promise<void> {
    const size = await stat(this.#path).then(
      (stats) => stats.size,
      () => 0,
    );
    if (size > 0 && size + bytes > MAX_BYTES) await rename(this.#path, `${this.#path}.1`);
  }
}
