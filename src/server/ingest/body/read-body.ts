import { createGunzip, createInflate, gunzipSync, inflateSync, type Gunzip, type Inflate } from 'node:zlib';
import { codeOf } from '../../../common/unknown-values.js';
import type { ByteBudget } from './byte-budget.js';
import { drain } from './drain.js';
import { TimedReads } from './timed-reads.js';
import { StalledError, within } from './within.js';

/** A body that was read, or why it was not. A refused body has been read to its end, unless `isCut`: the connection has to be closed. */
export type ReadBody =
  | { readonly bytes: Uint8Array; readonly release: () => void }
  | { readonly status: 400 | 413 | 415 | 429; readonly problem: string; readonly isCut: boolean };

export interface BodyLimits {
  /** Largest body, before and after decompression. */
  readonly maxBytes: number;
  readonly budget: ByteBudget;
  /** Limits how long a small body may take. Default: 10 s, for all servers of the process. */
  readonly smallReads?: TimedReads;
}

const FORMATS = {
  gzip: { sync: gunzipSync, stream: createGunzip },
  deflate: { sync: inflateSync, stream: createInflate },
} as const;

type Format = keyof typeof FORMATS;

const ENCODINGS: Readonly<Record<string, Format | 'identity' | undefined>> = {
  '': 'identity',
  identity: 'identity',
  gzip: 'gzip',
  // The older name of gzip, which RFC 9110 asks receivers to accept.
  'x-gzip': 'gzip',
  deflate: 'deflate',
};

/** A sender that stops in the middle of a body is refused after this time: what it has sent takes room from others. Exporters give up after 10 s. */
const STALLED_MS = 10_000;
const SMALL_READS = new TimedReads(STALLED_MS);

/** Bodies up to this size are read and decompressed at once, which takes half as long as with streams. */
const SMALL_BYTES = 256 * 1024;

/**
 * Reads and decompresses the body of a request. Stops at the limit of one body, and when all requests together hold too many bytes.
 * Call `release` when the request is answered.
 */
export async function readBody(request: Request, limits: BodyLimits, encoding = ''): Promise<ReadBody> {
  const format = ENCODINGS[encoding.trim().toLowerCase()];
  if (format === undefined) return refuse(request, 415, 'Content-Encoding must be gzip, deflate or identity');
  const meter = new Meter(limits);
  try {
    const bytes = await readAll(request, format, meter);
    return { bytes, release: () => meter.release() };
  } catch (error) {
    meter.release();
    if (error instanceof LimitError) return refuse(request, error.status, error.message);
    if (error instanceof StalledError)
      return { status: 429, problem: 'The body stopped coming: send it again', isCut: true };
    const problem = format === 'identity' ? 'The body ended early' : `The body is not ${format}`;
    return refuse(request, 400, problem);
  }
}

async function refuse(request: Request, status: 400 | 413 | 415 | 429, problem: string): Promise<ReadBody> {
  return { status, problem, isCut: !(await drain(request)) };
}

class LimitError extends Error {
  readonly status: 413 | 429;

  constructor(status: 413 | 429, message: string) {
    super(message);
    this.status = status;
  }
}

/** Counts the bytes that one request holds. */
class Meter {
  readonly #limits: BodyLimits;
  #held = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  get maxBytes(): number {
    return this.#limits.maxBytes;
  }

  get smallReads(): TimedReads {
    return this.#limits.smallReads ?? SMALL_READS;
  }

  get left(): number {
    return this.#limits.maxBytes - this.#held;
  }

  /** @throws LimitError */
  add(bytes: number): void {
    if (bytes > this.left) throw this.tooLarge();
    if (!this.#limits.budget.take(bytes))
      throw new LimitError(429, 'Too many bytes are being received at the same time: send again later');
    this.#held += bytes;
  }

  release(): void {
    this.#limits.budget.giveBack(this.#held);
    this.#held = 0;
  }

  tooLarge(): LimitError {
    return new LimitError(413, `The body is larger than ${this.#limits.maxBytes} bytes`);
  }
}

async function readAll(request: Request, format: Format | 'identity', meter: Meter): Promise<Uint8Array> {
  const given = request.headers.get('content-length');
  const length = given === null ? undefined : Number(given);
  if (length !== undefined && length > meter.left) throw meter.tooLarge();
  // With a content-length, the HTTP server delivers no more bytes than that.
  if (length !== undefined && length <= SMALL_BYTES) return readSmall(request, length, format, meter);
  const sent = chunksOf(request);
  const chunks: Uint8Array[] = [];
  for await (const chunk of format === 'identity'
    ? sent
    : decompress(sent, FORMATS[format].stream(), meter)) {
    meter.add(chunk.length);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function readSmall(
  request: Request,
  length: number,
  format: Format | 'identity',
  meter: Meter,
): Promise<Uint8Array> {
  if (format === 'identity') {
    meter.add(length);
    return meter.smallReads.limit(readWhole(request));
  }
  const sent = await meter.smallReads.limit(readWhole(request));
  try {
    // It stops at the limit.
    const bytes = FORMATS[format].sync(sent, { maxOutputLength: meter.left });
    meter.add(bytes.length);
    return bytes;
  } catch (error) {
    throw codeOf(error) === 'ERR_BUFFER_TOO_LARGE' ? meter.tooLarge() : error;
  }
}

/**
 * Reads a body at once. Requests of the HTTP server bring along a quick `arrayBuffer()`. That of Node.js takes ten times as long as its stream
 * (test/bench/intake.mjs).
 */
async function readWhole(request: Request): Promise<Uint8Array> {
  if (request.arrayBuffer !== Request.prototype.arrayBuffer)
    return new Uint8Array(await request.arrayBuffer());
  const reader = request.body?.getReader();
  const chunks: Uint8Array[] = [];
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read())
    chunks.push(next.value);
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

/** Yields the chunks of a body. If the consumer stops early, the body stays open, so that the rest can be read. */
async function* chunksOf(request: Request): AsyncGenerator<Uint8Array> {
  const reader = request.body?.getReader();
  if (!reader) return;
  try {
    const read = () => within(STALLED_MS, reader.read());
    for (let next = await read(); !next.done; next = await read()) yield next.value;
  } finally {
    reader.releaseLock();
  }
}

/** Resolves when a stream takes more, or was closed. */
function hasRoom(stream: Gunzip | Inflate): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}

/** Yields decompressed chunks as they are wanted: what was not asked for is not decompressed. */
async function* decompress(
  sent: AsyncIterable<Uint8Array>,
  unzip: Gunzip | Inflate,
  meter: Meter,
): AsyncGenerator<Uint8Array> {
  let sentBytes = 0;
  const feed = async (): Promise<void> => {
    for await (const chunk of sent) {
      sentBytes += chunk.length;
      if (sentBytes > meter.maxBytes) throw meter.tooLarge();
      if (unzip.destroyed) return;
      if (!unzip.write(chunk)) await hasRoom(unzip);
    }
    unzip.end();
  };
  const fed = feed().catch((error: unknown) => unzip.destroy(error as Error));
  try {
    yield* unzip;
  } finally {
    unzip.destroy();
    await fed;
  }
}
