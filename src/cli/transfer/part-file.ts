import { createReadStream } from 'node:fs';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';

/** Whole lines that an interrupted export has written. */
interface WrittenLines {
  readonly lines: number;
  /** With its line break. */
  readonly lastLine: string;
}

export interface WrittenPart extends WrittenLines {
  /** Digest of the filters, as the server gave it. */
  readonly query: string | undefined;
}

/**
 * The file beside an export that is not complete, and a note of which export it is of, so that the same command goes on after it was killed.
 * `key` names the export: its server and filters.
 */
export class PartFile {
  readonly path: string;
  readonly #note: string;
  readonly #key: string | undefined;

  /** Without a key, as for CSV, an export always begins anew. */
  constructor(output: string, key: string | undefined) {
    this.path = `${output}.part`;
    this.#note = `${output}.part-of`;
    this.#key = key;
  }

  /** Cuts off a torn last line. Returns undefined if the export begins anew: what is there is of another one, or has no whole line. */
  async resume(): Promise<WrittenPart | undefined> {
    const noted = await readFile(this.#note, 'utf8').catch(() => '');
    const [key, query] = noted.split('\n');
    if (this.#key === undefined || key !== this.#key) return undefined;
    const written = await readLines(this.path).catch(() => undefined);
    if (!written || written.lines === 0) return undefined;
    await truncate(this.path, written.bytes);
    return { ...written, query };
  }

  /** @param query what the filters mean, once the server has said it */
  async begin(query?: string): Promise<void> {
    if (this.#key === undefined) return;
    await writeFile(this.#note, [this.#key, ...(query === undefined ? [] : [query])].join('\n'), {
      mode: 0o600,
    });
  }

  /** Removes the note: the export is complete, or is not to go on. */
  async end(): Promise<void> {
    await rm(this.#note, { force: true });
  }
}

/** Reads a file once, whatever its size. Returns its whole lines. */
async function readLines(path: string): Promise<WrittenLines & { readonly bytes: number }> {
  let [lines, bytes, read] = [0, 0, 0];
  let last: readonly Buffer[] = [];
  let open: Buffer[] = [];
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      last = [...open, chunk.subarray(start, end + 1)];
      open = [];
      lines += 1;
      start = end + 1;
      bytes = read + start;
    }
    if (start < chunk.length) open.push(chunk.subarray(start));
    read += chunk.length;
  }
  return { lines, bytes, lastLine: Buffer.concat(last).toString() };
}
