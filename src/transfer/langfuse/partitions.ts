import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fnv1a } from '../../common/fnv1a.js';
import { splitLines } from '../input/split-items.js';

/**
 * Lines in temporary files that only this user can read, divided by a key, so that lines of one key can be joined in memory however many
 * there are.
 */
export class Partitions {
  readonly #folder: string;
  readonly #streams: readonly WriteStream[];

  private constructor(folder: string, count: number) {
    this.#folder = folder;
    this.#streams = Array.from({ length: count }, (_, at) =>
      createWriteStream(this.#path(at), { mode: 0o600, highWaterMark: 64 * 1024 }),
    );
  }

  static async create(count: number): Promise<Partitions> {
    return new Partitions(await mkdtemp(join(tmpdir(), 'trubrics-import-')), count);
  }

  get count(): number {
    return this.#streams.length;
  }

  async add(key: string, line: string): Promise<void> {
    const stream = this.#streams[fnv1a(key) % this.count];
    if (stream && !stream.write(`${line}\n`)) await once(stream, 'drain');
  }

  /** Ends writing. Call it before reading. */
  async finish(): Promise<void> {
    await Promise.all(this.#streams.map((stream) => new Promise<void>((done) => stream.end(() => done()))));
  }

  async read(at: number): Promise<readonly string[]> {
    const text = await readFile(this.#path(at), 'utf8');
    return text === '' ? [] : text.trimEnd().split('\n');
  }

  /** Replaces the lines of a partition. */
  async replace(at: number, lines: readonly string[]): Promise<void> {
    const stream = createWriteStream(this.#path(at), { mode: 0o600 });
    for (const line of lines) if (!stream.write(`${line}\n`)) await once(stream, 'drain');
    await new Promise<void>((done) => stream.end(() => done()));
  }

  /** Reads the lines of a partition one after the other. */
  async *lines(at: number): AsyncGenerator<string, void> {
    const input = createReadStream(this.#path(at), { highWaterMark: 64 * 1024 });
    // Not `node:readline`: it also divides at U+2028, which may stand in JSON.
    for await (const items of splitLines(input, '', Number.MAX_SAFE_INTEGER))
      for (const { text } of items) if (text !== undefined) yield text;
  }

  async remove(): Promise<void> {
    for (const stream of this.#streams) stream.destroy();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #path(at: number): string {
    return join(this.#folder, String(at));
  }
}
