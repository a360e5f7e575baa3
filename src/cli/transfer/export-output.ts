import { once } from 'node:events';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { asText, codeOf } from '../../common/unknown-values.js';
import { MissingParquetLibraryError } from '../../transfer/parquet/load-library.js';
import { ParquetFile } from '../../transfer/parquet/parquet-file.js';
import { CommandError } from '../command-error.js';
import { PartFile, type WrittenPart } from './part-file.js';

/** Target of an export. */
export interface Output {
  /** Part of the same export that an earlier run has written. */
  readonly resume?: WrittenPart | undefined;
  /** Notes what the filters mean, so that only an export of the same records goes on. */
  noteQuery?(query: string): Promise<void>;
  write(text: string): Promise<void>;
  /** Throws away what was written. Undefined if that is not possible. */
  restart?(): Promise<void>;
  complete(): Promise<void>;
  discard(): Promise<void>;
  /** Leaves what was written, so that the same command goes on. Undefined if that is not possible. */
  keep?(): Promise<void>;
}

export class ClosedPipeError extends Error {
  override readonly name = 'ClosedPipeError';
}

export function standardOutput(): Output {
  let failure: Error | undefined;
  process.stdout.on('error', (error) => (failure = error));
  return {
    async write(text) {
      if (failure) throw new ClosedPipeError();
      if (!process.stdout.write(text))
        await once(process.stdout, 'drain').catch(() => {
          throw new ClosedPipeError();
        });
    },
    complete: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  };
}

/** An output that takes bytes as well. */
interface FileOutput extends Output {
  write(data: string | Uint8Array): Promise<void>;
}

/** Writes beside the file, which is replaced when the export is complete. @throws CommandError */
export async function fileOutput(path: string, key: string | undefined): Promise<FileOutput> {
  const part = new PartFile(path, key);
  const reported = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw new CommandError(`Cannot write the file ${path} (${asText(codeOf(error)) ?? 'unknown'})`, 1);
    }
  };
  const resume = await part.resume();
  // Records are readable by this user alone, as the file of `dev`.
  let file: FileHandle = await reported(() => open(part.path, resume ? 'a' : 'w', 0o600));
  await reported(() => part.begin(resume?.query));
  return {
    resume,
    noteQuery: (query) => reported(() => part.begin(query)),
    write: (data) => reported(() => file.appendFile(data)),
    restart: () =>
      reported(async () => {
        await file.close();
        file = await open(part.path, 'w', 0o600);
      }),
    complete: () =>
      reported(async () => {
        await file.close();
        await rename(part.path, path);
        await part.end();
      }),
    keep: () => file.close(),
    async discard() {
      await file.close().catch(() => undefined);
      await rm(part.path, { force: true });
      await part.end();
    },
  };
}

/** Writes a Parquet file, which cannot go on where an earlier run stopped. @throws CommandError */
export async function parquetOutput(path: string, hasChanges: boolean): Promise<Output> {
  let file: FileOutput | undefined;
  const parquet = await ParquetFile.create({
    hasChanges,
    write: (bytes) => file?.write(bytes) ?? Promise.resolve(),
  }).catch((error: unknown) => {
    throw error instanceof MissingParquetLibraryError ? new CommandError(error.message, 1) : error;
  });
  const opened = await fileOutput(path, undefined);
  file = opened;
  return {
    write: (lines) => parquet.add(lines),
    async complete() {
      await parquet.end();
      await opened.complete();
    },
    discard: () => opened.discard(),
  };
}
