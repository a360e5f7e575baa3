import { within } from './within.js';

/** Bytes of a refused body that are read and thrown away, and for how long. */
const MAX_DRAINED_BYTES = 64 * 1024 * 1024;
const MAX_DRAINED_MS = 10_000;

/**
 * Reads the rest of a body without keeping it: a client that is still sending it does not see the response, and its next request on the
 * connection fails. Returns false if the rest is too long.
 */
export async function drain(request: Request): Promise<boolean> {
  // Read at once, and so to its end.
  if (request.bodyUsed && request.body?.locked !== false) return true;
  if (Number(request.headers.get('content-length') ?? 0) > MAX_DRAINED_BYTES) return false;
  try {
    return await within(MAX_DRAINED_MS, readToEnd(request.body?.getReader()));
  } catch {
    return false;
  }
}

async function readToEnd(reader: ReadableStreamDefaultReader<Uint8Array> | undefined): Promise<boolean> {
  let bytes = 0;
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    bytes += next.value.length;
    if (bytes > MAX_DRAINED_BYTES) return false;
  }
  return true;
}
