import { lstat, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { EntryKind } from '../../destinations/destination.js';
import type { DropReason } from '../../delivery/model/settlement.js';
import { makeDirectories, openSafely, warnOfRefusal } from './safe-files.js';

/** Largest size at which the file is rotated. */
const MAX_BYTES = 1_000_000;
/** Dead letters that wait while the disk is slow. Further ones are not kept. */
const MAX_WAITING = 1_000;

/**
 * Keeps entries that the destination refused for good: one JSON object a line, with the reason and the destination's error. At one
 * megabyte, or `maxBytes` if that is less, the file is renamed to `<path>.1` and replaces the previous one.
 */
export class DeadLetters {
  readonly #path: string;
  readonly #maxBytes: number;
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;

  constructor(path: string, maxBytes = MAX_BYTES) {
    this.#path = path;
    this.#maxBytes = Math.min(maxBytes, MAX_BYTES);
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
      const letters = this.#takeSome();
      try {
        const root = dirname(this.#path);
        await makeDirectories(dirname(root), root);
        await this.#append(letters);
      } catch (error) {
        // Not reported otherwise: the entries are counted as dropped even if no copy can be kept.
        warnOfRefusal(error);
      }
    }
    this.#writing = undefined;
  }

  /** Takes the next letters: at least one, and not more than fit into a file. */
  #takeSome(): string {
    let text = this.#waiting.shift() ?? '';
    let next = this.#waiting[0];
    while (next !== undefined && Buffer.byteLength(text) + Buffer.byteLength(next) <= this.#maxBytes / 2) {
      text += next;
      this.#waiting.shift();
      next = this.#waiting[0];
    }
    return text;
  }

  async #append(letters: string): Promise<void> {
    const size = await lstat(this.#path).then(
      (stats) => (stats.isFile() ? stats.size : 0),
      () => 0,
    );
    const bytes = Buffer.byteLength(letters);
    // In a small spool there is no room for a large letter.
    if (bytes > this.#maxBytes && this.#maxBytes < MAX_BYTES) return;
    if (size > 0 && size + bytes > this.#maxBytes) await rename(this.#path, `${this.#path}.1`);
    const file = await openSafely(this.#path, 'append');
    try {
      await file.appendFile(letters);
    } finally {
      await file.close();
    }
  }
}
