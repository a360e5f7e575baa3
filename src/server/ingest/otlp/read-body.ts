import { codeOf } from '../../../common/unknown-values.js';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';

/** Largest body, before and after decompression. The Collector's receiver has the same default. */
export const MAX_TRACE_BYTES = 20 * 1024 * 1024;

export type ReadBody =
  { readonly bytes: Uint8Array } | { readonly status: 400 | 413 | 415; readonly problem: string };

const DECOMPRESS = { gzip: promisify(gunzip), deflate: promisify(inflate) } as const;

const ENCODINGS: Readonly<Record<string, keyof typeof DECOMPRESS | 'identity' | undefined>> = {
  '': 'identity',
  identity: 'identity',
  gzip: 'gzip',
  // The older name of gzip, which RFC 9110 asks receivers to accept.
  'x-gzip': 'gzip',
  deflate: 'deflate',
};

const TOO_LARGE = { status: 413, problem: `The body is larger than ${MAX_TRACE_BYTES} bytes` } as const;

/** Reads and decompresses the body of a request. Stops reading and decompressing at the limit. */
export async function readBody(request: Request, encoding = ''): Promise<ReadBody> {
  const name = ENCODINGS[encoding.trim().toLowerCase()];
  if (name === undefined)
    return { status: 415, problem: 'Content-Encoding must be gzip, deflate or identity' };
  const sent = await readLimited(request);
  if (!sent) return TOO_LARGE;
  if (name === 'identity') return { bytes: sent };
  try {
    return { bytes: await DECOMPRESS[name](sent, { maxOutputLength: MAX_TRACE_BYTES }) };
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') return TOO_LARGE;
    return { status: 400, problem: `The body is not ${name}` };
  }
}

/** Returns undefined if the body is too large. */
async function readLimited(request: Request): Promise<Uint8Array | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > MAX_TRACE_BYTES) return undefined;
  // With a content-length, the HTTP server delivers no more bytes than that.
  if (request.headers.has('content-length')) return new Uint8Array(await request.arrayBuffer());
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > MAX_TRACE_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
