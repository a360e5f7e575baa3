import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open as openFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

/** The name that stands for the standard input. */
export const STDIN = '-';

/** Bytes that are looked at to find out what a file is. */
const HEAD_BYTES = 1024 * 1024;

/** A file, or the standard input. */
export interface ByteSource {
  /** For messages. */
  readonly name: string;
  /** Size in bytes as stored. Undefined for the standard input, until it is copied. */
  readonly size?: number;
  readonly isCompressed?: boolean;
  /** Time of the last change, in milliseconds. Undefined for the standard input. */
  readonly changedMs?: number;
  /** Decompressed bytes at the beginning, about a megabyte at most. */
  head(): Promise<Buffer>;
  /** All decompressed bytes. `onRead` is called with the number of stored bytes of each read. */
  open(onRead?: (bytes: number) => void): AsyncIterable<Buffer>;
  /** Returns a source that can be opened several times. The standard input is copied to a temporary file. */
  repeatable(): Promise<ByteSource>;
  /** Removes a temporary copy. */
  close(): Promise<void>;
}

/** Opens a file by its path. @throws an Error with a `code` if it cannot be read. */
export async function fileSource(path: string, name = path): Promise<ByteSource> {
  const { size, mtimeMs } = await stat(path);
  const open = (onRead?: (bytes: number) => void): AsyncIterable<Buffer> =>
    decompressed(createReadStream(path, { highWaterMark: 256 * 1024 }), onRead);
  const source: ByteSource = {
    name,
    size,
    changedMs: mtimeMs,
    isCompressed: await beginsAsGzip(path),
    head: async () => (await takeHead(open()[Symbol.asyncIterator]())).head,
    open,
    repeatable: () => Promise.resolve(source),
    close: () => Promise.resolve(),
  };
  return source;
}

async function beginsAsGzip(path: string): Promise<boolean> {
  const file = await openFile(path, 'r');
  try {
    return isGzip((await file.read(Buffer.alloc(2), 0, 2, 0)).buffer);
  } finally {
    await file.close();
  }
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Reads a stream, which can be opened once. */
export function streamSource(stream: Readable, name: string): ByteSource {
  let notify: ((bytes: number) => void) | undefined;
  const chunks = decompressed(stream, (bytes) => notify?.(bytes))[Symbol.asyncIterator]();
  let read: Promise<Head> | undefined;
  const readHead = (): Promise<Head> => (read ??= takeHead(chunks, false));

  async function* open(onRead?: (bytes: number) => void): AsyncGenerator<Buffer, void> {
    notify = onRead;
    const { head } = await readHead();
    if (head.length > 0) yield head;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  }

  return {
    name,
    head: async () => (await readHead()).head,
    open,
    repeatable: () => temporaryCopy(open(), name),
    close: () => Promise.resolve(),
  };
}

/** Copies bytes to a file that only this user can read, and that is removed by `close()`. */
async function temporaryCopy(bytes: AsyncIterable<Buffer>, name: string): Promise<ByteSource> {
  const folder = await mkdtemp(join(tmpdir(), 'trubrics-import-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'input');
    await pipeline(Readable.from(bytes), createWriteStream(path, { mode: 0o600 }));
    return { ...(await fileSource(path, name)), close: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

interface Head {
  readonly head: Buffer;
}

async function takeHead(chunks: AsyncIterator<Buffer>, closes = true): Promise<Head> {
  const taken: Buffer[] = [];
  let length = 0;
  try {
    while (length < HEAD_BYTES) {
      const next = await chunks.next();
      if (next.done) break;
      taken.push(next.value);
      length += next.value.length;
    }
  } catch (error) {
    // Content before a damaged place can be read. `open()` reports the damage.
    if (length === 0 || !closes) throw error;
  }
  if (closes) await chunks.return?.();
  return { head: Buffer.concat(taken) };
}

/** Decompresses what begins as gzip does. */
async function* decompressed(
  stream: Readable,
  onRead?: (bytes: number) => void,
): AsyncGenerator<Buffer, void> {
  const counted = countedBytes(stream, onRead)[Symbol.asyncIterator]();
  const first = await counted.next();
  if (first.done) return;
  const all = (async function* () {
    yield first.value;
    for (let next = await counted.next(); !next.done; next = await counted.next()) yield next.value;
  })();
  try {
    yield* isGzip(first.value) ? gunzipped(all) : all;
  } finally {
    stream.destroy();
  }
}

async function* gunzipped(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  const input = Readable.from(bytes, { objectMode: false });
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  // An error of the input would otherwise be an uncaught one: `pipe` does not pass it on.
  input.once('error', (error) => gunzip.destroy(error));
  input.pipe(gunzip);
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } finally {
    input.destroy();
    gunzip.destroy();
  }
}

async function* countedBytes(
  stream: Readable,
  onRead?: (bytes: number) => void,
): AsyncGenerator<Buffer, void> {
  for await (const chunk of stream) {
    const bytes = chunk as Buffer;
    onRead?.(bytes.length);
    yield bytes;
  }
}
