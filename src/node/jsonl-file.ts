import { codeOf } from '../common/unknown-values.js';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { defineOptions, type OptionTable } from '../common/options/define-options.js';
import { missingOption } from '../common/options/missing-option-error.js';
import { count, filePath } from '../common/options/option-kinds.js';
import { DIRECTORY_MODE, FILE_MODE } from './spool/safe-files.js';
import type { Batch, Destination, Entry } from '../destinations/destination.js';

/** Options of {@link jsonlFile}. */
export interface JsonlFileOptions {
  /** Path of the file. Required. Its directory is created. Relative paths are resolved when `jsonlFile()` is called. */
  readonly path: string;
  /** Bytes above which the file is renamed to `<path>.1`, `<path>.2` … and a new one begun. Default: 64,000,000. */
  readonly maxBytes?: number | undefined;
  /** Number of files to keep, including the current one. Default: 5. */
  readonly maxFiles?: number | undefined;
}

const OPTIONS = {
  path: { required: missingOption, ...filePath('file', 'prompts.jsonl') },
  maxBytes: { default: 64_000_000, ...count },
  maxFiles: { default: 5, ...count },
} as const satisfies OptionTable<JsonlFileOptions>;

const resolveOptions = defineOptions<JsonlFileOptions, typeof OPTIONS>(OPTIONS);

/**
 * Returns a destination that appends every entry to a file, one JSON object a line: a prompt record as
 * `{"kind":"prompt","id":…,"userId":…}`, an event as `{"kind":"event","id":…,"event":…}`. Only one process may write to a file,
 * because rotation is not coordinated.
 *
 * ```ts
 * new TrubricsSpanProcessor({ destination: jsonlFile({ path: 'logs/prompts.jsonl' }) });
 * ```
 *
 * @throws TypeError if an option is unknown, wrong or missing. Errors of the file system appear in `stats()` and are retried.
 */
export function jsonlFile(options: JsonlFileOptions): Destination {
  const { maxBytes, maxFiles, ...given } = resolveOptions(options);
  const path = resolve(given.path);
  let lastAppend: Promise<void> = Promise.resolve();

  return {
    name: 'jsonl-file',
    // No credentials, but entries for one file must not end up in another.
    accountId: path,
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

  /** Appends after the previous batch, because two writers would disturb each other's rotation. */
  async function appendAfter(
    previous: Promise<void>,
    lines: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    await previous;
    // The batch was given up while it waited. It is sent again later.
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

/** Opens the file for one use, so that others may move or delete it between batches. */
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

/** Appends all or nothing: truncates what a failed write left behind. */
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

/** Returns true if the file does not end with a line break, because a process was killed while it wrote. */
async function endsInsideLine(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() !== '\n';
}

/** Renames `path` to `path.1`, `path.1` to `path.2` …; deletes the last one. */
async function rotate(path: string, maxFiles: number): Promise<void> {
  const names = [path, ...Array.from({ length: maxFiles - 1 }, (_, index) => `${path}.${index + 1}`)];
  let target = names.pop() ?? path;
  await rm(target, { force: true });
  for (const source of names.toReversed()) {
    await renameIfExists(source, target);
    target = source;
  }
}

async function renameIfExists(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
