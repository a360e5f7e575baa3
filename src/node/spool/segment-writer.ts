import { type FileHandle, lstat, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FILE_MODE, makeDirectories } from './safe-files.js';

/** Appends to one file, all or nothing. Resolves when the data is on stable storage under the file's name. */
export class SegmentWriter {
  readonly #path: string;
  #file: FileHandle | undefined;
  #size = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws the error of the file system. After it the file must not be written any more. */
  async append(data: Uint8Array): Promise<void> {
    this.#file ??= await create(this.#path);
    try {
      await this.#file.appendFile(data);
      await this.#file.datasync();
      await this.#checkName(this.#file);
      this.#size += data.byteLength;
    } catch (error) {
      await this.#file.truncate(this.#size).catch(() => {});
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#file?.close().catch(() => {});
  }

  /** Fails if another process has claimed the directory as an orphan: it would not see what is written after that. */
  async #checkName(file: FileHandle): Promise<void> {
    const [written, named] = await Promise.all([file.stat(), lstat(this.#path)]);
    if (written.ino !== named.ino)
      throw Object.assign(new Error('the file was replaced'), { code: 'ESTALE' });
  }
}

async function create(path: string): Promise<FileHandle> {
  const directory = dirname(path);
  const root = dirname(directory);
  await makeDirectories(dirname(root), root, directory);
  // Exclusively: whatever has the name already is neither followed nor opened.
  const file = await open(path, 'ax', FILE_MODE);
  await syncDirectory(directory);
  return file;
}

/** Syncs the directory, so that the name of a new file survives a power failure too. */
async function syncDirectory(path: string): Promise<void> {
  try {
    const directory = await open(path, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } catch {
    // Windows does not open directories.
  }
}
