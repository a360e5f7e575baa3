import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { defineOptions, type OptionTable } from '../common/options/define-options.js';
import { count, filePath } from '../common/options/option-kinds.js';
import type { Batch, Destination, Entry } from '../destinations/destination.js';

export interface JsonlFileOptions {
  /** The file; its directory is created. Relative to the working directory of the moment of construction. */
  readonly path: string;
  /** A file that would grow beyond this is set aside as `<path>.1`, `<path>.2` … and a new one begun. Default 64 MB. */
  readonly maxBytes?: number;
  /** How many files are kept, the current one included. Default 5. */
  readonly maxFiles?: number;
}

const OPTIONS = {
  path: { required: true, ...filePath('file', 'prompts.jsonl') },
  maxBytes: { default: 64_000_000, ...count },
  maxFiles: { default: 5, ...count },
} as const satisfies OptionTable<JsonlFileOptions>;

const resolveOptions = defineOptions<JsonlFileOptions, typeof OPTIONS>(OPTIONS);

/** What people write to a model is nobody else's business. */
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

/**
 * Appends every entry to a file, one JSON object a line: a prompt record as `{"kind":"prompt","id":…,"userId":…}`, an event as
 * `{"kind":"event","id":…,"event":…}`. One process a file: rotation does not know of others.
 *
 * ```ts
 * new TrubricsSpanProcessor({ destination: jsonlFile({ path: 'logs/prompts.jsonl' }) });
 * ```
 *
 * @throws TypeError when an option is wrong. Errors of the file system appear in `stats()` and are retried.
 */
export function jsonlFile(options: JsonlFileOptions): Destination {
  const { maxBytes, maxFiles, ...given } = resolveOptions(options);
  const path = resolve(given.path);
  let lastAppend: Promise<void> = Promise.resolve();

  return {
    name: 'jsonl-file',
    limits: { maxItems: 1_000, maxBytes: 8_000_000 },
    encode: (entry: Entry) =>
      JSON.stringify(
        entry.kind === 'prompt' ? { kind: 'prompt', ...entry.record } : { kind: 'event', ...entry.event },
      ),
    send({ items }: Batch, { signal }) {
      const append = appendAfter(lastAppend, items, signal);
      lastAppend = append.catch(() => {});
      return append;
    },
    shutdown: () => lastAppend,
  };

  /** One after the other: two writers would rotate under each other's feet. */
  async function appendAfter(
    previous: Promise<void>,
    lines: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    await previous;
    // The batch has been given up while it waited, and will come again.
    signal.throwIfAborted();
    await appendLines(path, lines, maxBytes, maxFiles);
  }
}

async function appendLines(
  path: string,
  lines: readonly string[],
  maxBytes: number,
  maxFiles: number,
): Promise<void> {
  const data = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  await mkdir(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
  const size = await withFile(path, sizeOf);
  if (size > 0 && size + data.byteLength > maxBytes) await rotate(path, maxFiles);
  await withFile(path, (file) => appendWhole(file, data));
}

/** Opened for each batch, so that the file may be moved or deleted by others in between. */
async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, 'a+', FILE_MODE);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

async function sizeOf(file: FileHandle): Promise<number> {
  return (await file.stat()).size;
}

/** All or nothing: what a failed write has left behind is cut off again. */
async function appendWhole(file: FileHandle, data: Uint8Array): Promise<void> {
  const size = await sizeOf(file);
  try {
    if (await endsInsideLine(file, size)) await file.writeFile('\n');
    await file.writeFile(data);
  } catch (error) {
    await file.truncate(size).catch(() => {});
    throw error;
  }
}

/** A process that was killed while it wrote leaves half a line. */
async function endsInsideLine(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() !== '\n';
}

/** `path` becomes `path.1`, `path.1` becomes `path.2` …; the last one goes. */
async function rotate(path: string, maxFiles: number): Promise<void> {
  const names = [path, ...Array.from({ length: maxFiles - 1 }, (_, index) => `${path}.${index + 1}`)];
  await rm(names.at(-1) ?? path, { force: true });
  for (let index = names.length - 1; index > 0; index--) {
    await renameIfThere(names[index - 1] as string, names[index] as string);
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
