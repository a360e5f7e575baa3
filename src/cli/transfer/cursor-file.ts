import { readFile, rename, writeFile } from 'node:fs/promises';
import { asRecord, asText, codeOf, parseJson } from '../../common/unknown-values.js';
import { CommandError } from '../command-error.js';

/** A file that says where the next export of changes goes on. `key` names the export: its server and filters. */
export class CursorFile {
  readonly #path: string;
  readonly #key: string;

  constructor(path: string, key: string) {
    this.#path = path;
    this.#key = key;
  }

  /** Returns undefined if there is no file yet. @throws CommandError if it cannot be read, or is of another export */
  async read(): Promise<string | undefined> {
    const text = await readFile(this.#path, 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw new CommandError(`Cannot read the file ${this.#path} (${asText(codeOf(error)) ?? 'unknown'})`, 1);
    });
    if (text === undefined) return undefined;
    const { export: key, cursor } = asRecord(parseJson(text));
    if (key !== this.#key || typeof cursor !== 'string')
      throw new CommandError(
        `The file ${this.#path} is of an export of another server or with other filters: name another --cursor-file`,
        2,
      );
    return cursor;
  }

  /** Replaces the file at once, so that an interruption leaves the earlier cursor. @throws CommandError */
  async write(cursor: string): Promise<void> {
    const beside = `${this.#path}.new`;
    try {
      await writeFile(beside, `${JSON.stringify({ export: this.#key, cursor })}\n`, { mode: 0o600 });
      await rename(beside, this.#path);
    } catch (error) {
      throw new CommandError(
        `Cannot write the file ${this.#path} (${asText(codeOf(error)) ?? 'unknown'})`,
        1,
      );
    }
  }
}
