import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';

/** Before and after decompression. The collector's own receiver has the same limit. */
export const MAX_TRACE_BYTES = 20 * 1024 * 1024;

export type ReadBody =
  { readonly bytes: Uint8Array } | { readonly status: 400 | 413 | 415; readonly problem: string };

const DECOMPRESS = { gzip: promisify(gunzip), deflate: promisify(inflate) } as const;

const TOO_LARGE = { status: 413, problem: `The body is larger than ${MAX_TRACE_BYTES} bytes` } as const;

/** The body of a request as the sender meant it. What is too large is refused before all of it is read, or unfolded. */
export async function readBody(request: Request, encoding = 'identity'): Promise<ReadBody> {
  const name = encoding.trim().toLowerCase();
  if (name !== 'gzip' && name !== 'deflate' && name !== 'identity')
    return { status: 415, problem: 'Content-Encoding must be gzip, deflate or identity' };
  const sent = await readLimited(request);
  if (!sent) return TOO_LARGE;
  if (name === 'identity') return { bytes: sent };
  try {
    return { bytes: await DECOMPRESS[name](sent, { maxOutputLength: MAX_TRACE_BYTES }) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return TOO_LARGE;
    return { status: 400, problem: `The body is not ${name}` };
  }
}

/** `undefined` when it is too large. */
async function readLimited(request: Request): Promise<Uint8Array | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > MAX_TRACE_BYTES) return undefined;
  // With a length that is known, the server sees to it that no more comes.
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
